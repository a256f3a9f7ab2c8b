# tails.R -- reference values for worker/gpd_fit, worker/pot and worker/hill
#
#     Rscript tests/oracle/reference/tails.R OUT_DIR [DATA_DIR]
#
# Writes gpd_samples.csv (simulated excesses), gpd_reference.csv (fits of them),
# pot_reference.csv and hill_reference.csv (of the losses -r of garch_series.csv, which
# garch.R writes, and of the Danish fire losses when DATA_DIR is given).
#
# Rows of source "formula": the likelihood is written here; nlminb finds its maximum, then
# Newton steps take it to the last digits, with the derivatives that R's deriv makes of the
# formula; its Hessian gives the covariance.  Profile intervals: for each value of the parameter the
# likelihood is maximised over the shape (a grid, then optimize), and uniroot finds where
# it has fallen by half the chi-square quantile.  Rows of source "evd" are that package's
# fpot (optim), its intervals those of profile and confint, which draw a spline through a
# trace; of "fExtremes" that package's gpdFit and hillPlot.
suppressMessages({library(evd); library(fExtremes)})
args <- commandArgs(trailingOnly = TRUE)
out <- args[1]
data <- if (length(args) > 1) args[2] else NA
full <- function(x) ifelse(is.na(x), NA, format(x, digits = 17, trim = TRUE))
save <- function(rows, name)
    write.csv(rows, file.path(out, name), row.names = FALSE, quote = FALSE, na = "")

loglik <- function(p, x) {
    xi <- p[1]; beta <- p[2]
    if (beta <= 0 || any(1 + xi * x / beta <= 0)) return(-1e10)
    if (abs(xi) < 1e-8) return(-length(x) * log(beta) - sum(x) / beta)
    -length(x) * log(beta) - (1 + 1 / xi) * sum(log1p(xi * x / beta))
}

term <- deriv(~ -log(beta) - (1 + 1 / xi) * log(1 + xi * x / beta), c("xi", "beta"),
              function(xi, beta, x) NULL, hessian = TRUE)
slope <- function(p, x) colSums(attr(term(p[1], p[2], x), "gradient"))
curve <- function(p, x) apply(attr(term(p[1], p[2], x), "hessian"), 2:3, sum)

fit <- function(x) {
    scale <- mean(x); y <- x / scale
    best <- NULL
    for (xi in c(-0.3, 0.1, 0.8)) {
        top <- nlminb(c(xi, max(1, -1.05 * xi * max(y))), function(p) -loglik(p, y),
                      lower = c(-0.99, 1e-6), control = list(rel.tol = 1e-14, eval.max = 1000))
        if (is.null(best) || top$objective < best$objective) best <- top
    }
    p <- best$par
    for (i in 1:4) p <- p - solve(curve(p, y), slope(p, y))
    covariance <- -solve(curve(p, y))
    list(xi = p[1], beta = p[2] * scale, ll = loglik(p, y) - length(x) * log(scale),
         v = covariance * outer(c(1, scale), c(1, scale)))
}

# the highest likelihood with beta = slope(xi) * m, over xi
highest <- function(m, slope, x, centre) {
    f <- function(xi) loglik(c(xi, m * slope(xi)), x)
    grid <- seq(-0.999, 3, length.out = 401)
    values <- sapply(grid, f)
    i <- which.max(values)
    optimize(f, c(grid[max(1, i - 1)], grid[min(401, i + 1)]), maximum = TRUE,
             tol = 1e-10)$objective
}

# where the profile crosses, from the estimate outwards
crossings <- function(profile, estimate, width, crit, least = -Inf, sides = c(-1, 1)) {
    g <- function(m) profile(m) - crit
    find <- function(sign) {
        far <- estimate + sign * width
        while (far > least && g(far) > 0) far <- far + sign * width
        if (far <= least) return(NA)
        uniroot(g, sort(c(estimate, far)), tol = 1e-11 * abs(width))$root
    }
    sapply(sides, find)
}

q_of <- function(xi, a) ifelse(abs(xi) < 1e-9, -log(a), (a^-xi - 1) / xi)

pot_rows <- function(name, x, u, level) {
    n <- length(x); e <- x[x > u] - u; nu <- length(e)
    f <- fit(e); xi <- f$xi; beta <- f$beta
    crit <- f$ll - qchisq(level, 1) / 2
    of_xi <- function(xi) {
        top <- max(e)
        optimize(function(s) loglik(c(xi, max(0, -xi) * top + exp(s)), e),
                 log(beta) + c(-6, 6), maximum = TRUE, tol = 1e-10)$objective
    }
    xi_ci <- crossings(of_xi, xi, sqrt(f$v[1, 1]), crit, -1)
    evd_fit <- fpot(x, u, npp = 1, control = list(reltol = 1e-15, maxit = 1000))
    invisible(capture.output(evd_xi <- confint(profile(evd_fit, which = "shape",
        mesh = evd_fit$std.err["shape"] / 20), level = level)))
    rows <- NULL
    for (c0 in c(0.99, 0.995, 0.999)) {
        a <- n / nu * (1 - c0); Q <- q_of(xi, a)
        var <- u + beta * Q; es <- (var + beta - xi * u) / (1 - xi)
        v_ci <- crossings(function(m) highest(m - u, function(xi) 1 / q_of(xi, a), e),
                          var, 0.1 * (var - u), crit, u)
        slope <- function(xi) (1 - xi) / (q_of(xi, a) + 1)
        finite <- is.na(xi_ci[2]) || xi_ci[2] < 1 # else ES has no upper end
        e_ci <- c(crossings(function(m) highest(m - u, slope, e), es, 0.1 * (es - u), crit, u,
                            if (finite) c(-1, 1) else -1), Inf)
        rows <- rbind(rows, data.frame(source = "formula", series = name, u = full(u), n = n,
            n_exceed = nu, xi = full(xi), beta = full(beta), ll = full(f$ll), confidence = c0,
            level = level, var = full(var), es = full(es), xi_lo = full(xi_ci[1]),
            xi_hi = full(xi_ci[2]), var_lo = full(v_ci[1]), var_hi = full(v_ci[2]),
            es_lo = full(e_ci[1]), es_hi = full(e_ci[2])))
        other <- fpot(x, u, npp = 1, mper = 1 / (1 - c0), method = "Nelder-Mead",
                      control = list(reltol = 1e-15, maxit = 2000))
        invisible(capture.output(evd_v <- confint(profile(other, which = "rlevel",
            mesh = other$std.err["rlevel"] / 20), level = level)))
        rows <- rbind(rows, data.frame(source = "evd", series = name, u = full(u), n = n,
            n_exceed = nu, xi = full(evd_fit$estimate["shape"]),
            beta = full(evd_fit$estimate["scale"]), ll = full(-deviance(evd_fit) / 2),
            confidence = c0, level = level, var = full(other$estimate["rlevel"]), es = NA,
            xi_lo = full(evd_xi[1]), xi_hi = full(evd_xi[2]), var_lo = full(evd_v[1]),
            var_hi = full(evd_v[2]), es_lo = NA, es_hi = NA))
    }
    rows
}

fit_rows <- function(name, x) {
    f <- fit(x)
    w <- suppressWarnings(gpdFit(x, 0, "pwm"))@fit
    e <- fpot(x, 0, control = list(reltol = 1e-15, maxit = 1000, ndeps = c(1e-4, 1e-4)))
    row <- function(source, xi, beta, ll, v) data.frame(source = source, sample = name,
        n = length(x), xi = full(xi), beta = full(beta), ll = full(ll), var_xi = full(v[1, 1]),
        cov = full(v[1, 2]), var_beta = full(v[2, 2]))
    pwm <- w$par.ests; se <- w$par.ses
    rbind(row("formula", f$xi, f$beta, f$ll, f$v),
          row("evd", e$estimate["shape"], e$estimate["scale"], -deviance(e) / 2,
              e$var.cov[2:1, 2:1]),
          row("fExtremes pwm", pwm[1], pwm[2], NA, diag(se^2)))
}

hill_rows <- function(name, x) {
    theirs <- hillPlot(x, doplot = FALSE, plottype = "xi", start = 2)
    s <- sort(x, decreasing = TRUE)
    rows <- NULL
    for (k in c(5, 10, 25, 50, 100, 150)) {
        xi <- mean(log(s[1:k])) - log(s[k + 1])
        # hillPlot's k counts the threshold among the values above it
        ours <- theirs$y[theirs$x == k + 1] * (k + 1) / k
        for (c0 in c(0.99, 0.999)) {
            var <- s[k + 1] * (k / (length(x) * (1 - c0)))^xi
            rows <- rbind(rows, data.frame(series = name, n = length(x), k = k, xi = full(xi),
                xi_fextremes = full(ours), confidence = c0, var = full(var)))
        }
    }
    rows
}

set.seed(747)
samples <- list(heavy = evd::rgpd(109, 0, 7, 0.5), exponential = rexp(250, 0.2),
                bounded = evd::rgpd(200, 0, 1, -0.3), infinite = evd::rgpd(60, 0, 2, 0.9),
                many = evd::rgpd(600, 0, 0.5, 0.2), few = evd::rgpd(12, 0, 1, 0.1),
                short = evd::rgpd(80, 0, 3, -0.45))
samples <- lapply(samples, signif, 7)
save(do.call(rbind, lapply(names(samples), function(s)
    data.frame(sample = s, x = format(samples[[s]], digits = 7, trim = TRUE)))), "gpd_samples.csv")
fits <- do.call(rbind, lapply(names(samples), function(s) fit_rows(s, samples[[s]])))

losses <- -read.csv(file.path(out, "garch_series.csv"))$r
at <- function(k) sort(losses, decreasing = TRUE)[k + 1]
pots <- rbind(pot_rows("returns", losses, at(250), 0.95), pot_rows("returns", losses, at(125), 0.9))
hills <- hill_rows("returns", losses)
if (!is.na(data)) {
    danish <- read.csv2(file.path(data, "gpl/benchmarks/fExtremes_danishClaims.csv"),
                        dec = ".")[, 2]
    for (u in c(3, 10, 20)) fits <- rbind(fits, fit_rows(paste0("danish", u),
                                                         danish[danish > u] - u))
    pots <- rbind(pots, pot_rows("danish", danish, 10, 0.95), pot_rows("danish", danish, 20, 0.95),
                  pot_rows("danish", danish, 3, 0.99))
    hills <- rbind(hills, hill_rows("danish", danish))
}
save(fits, "gpd_reference.csv")
save(pots, "pot_reference.csv")
save(hills, "hill_reference.csv")
