# garch.R -- reference values for worker/garch_fit: R's optimisers and numerical derivatives
#
#     Rscript tests/oracle/reference/garch.R OUT_DIR [DATA_DIR]
#
# Writes garch_series.csv (2501 simulated returns, a few missing are set by the test) and
# garch_reference.csv.  The likelihood is written here from the formulas alone; nlminb
# finds its maximum, then BFGS steps with numDeriv::grad, and numDeriv::hessian and
# jacobian give the errors (Richardson extrapolation).  With DATA_DIR the series of the
# Bollerslev-Ghysels benchmark and the S&P 500 of the python package arch are fitted too.
# fGarch 4.x fits the symmetric models besides, in rows whose source is fGarch.
suppressMessages({library(fGarch); library(numDeriv)})
args <- commandArgs(trailingOnly = TRUE)
out <- args[1]
data <- if (length(args) > 1) args[2] else NA

# a GJR with Student-t innovations
set.seed(747)
simulate <- function(n) {
    omega <- 0.05; alpha <- 0.04; gamma <- 0.09; beta <- 0.86; nu <- 6
    z <- rt(n + 500, nu) * sqrt((nu - 2) / nu)
    r <- numeric(n + 500); h <- omega / (1 - alpha - gamma / 2 - beta)
    for (t in seq_along(z)) {
        e <- sqrt(h) * z[t]
        r[t] <- 0.03 + e
        h <- omega + (alpha + gamma * (e < 0)) * e^2 + beta * h
    }
    round(tail(r, n), 6)
}

# theta: named subset of mu omega alpha gamma beta nu
terms_of <- function(theta, r, spec) {
    p <- c(mu = 0, omega = NA, alpha = 0, gamma = 0, beta = 0, nu = NA)
    p[names(theta)] <- theta
    e <- r - p["mu"]
    s2 <- mean(e^2)
    if (spec$targeting) p["omega"] <- s2 * (1 - p["alpha"] - p["gamma"] / 2 - p["beta"])
    pers <- p["alpha"] + p["gamma"] / 2 + p["beta"]
    b <- switch(spec$start, mean = s2, first = mean(e[1:50]^2),
                unconditional = p["omega"] / (1 - pers),
                backcast = { w <- 0.94^(0:74); sum(w * e[1:75]^2) / sum(w) })
    a <- p["alpha"] + p["gamma"] * (e < 0)
    n <- length(e)
    input <- c(p["omega"] + (p["alpha"] + p["gamma"] / 2) * b,
               p["omega"] + (a * e^2)[-n])
    h <- as.numeric(stats::filter(input, p["beta"], "recursive", init = b))
    if (any(!is.finite(h)) || any(h <= 0)) return(rep(NA, n))
    if (spec$student) {
        nu <- p["nu"]
        dt(e / sqrt(h) * sqrt(nu / (nu - 2)), nu, log = TRUE) +
            0.5 * log(nu / (nu - 2)) - 0.5 * log(h)
    } else dnorm(e, 0, sqrt(h), log = TRUE)
}

fit <- function(r, spec) {
    v <- mean(r^2)
    theta <- c(if (spec$mean) c(mu = mean(r)), if (!spec$targeting) c(omega = 0.05 * v),
               alpha = 0.07, if (spec$gjr) c(gamma = 0.04), beta = 0.88,
               if (spec$student) c(nu = 7))
    f <- function(x) {
        names(x) <- names(theta)
        g <- if (spec$gjr) x["gamma"] else 0
        if (x["alpha"] < 0 || x["alpha"] + g < 0 || x["beta"] < 0 ||
            x["alpha"] + g / 2 + x["beta"] >= 1 ||
            (!spec$targeting && x["omega"] <= 0) || (spec$student && x["nu"] <= 2))
            return(1e10)
        l <- terms_of(x, r, spec)
        if (anyNA(l)) 1e10 else -sum(l)
    }
    scale <- pmax(abs(theta), 1e-3)
    best <- nlminb(theta, f, scale = 1 / scale,
                   control = list(rel.tol = 1e-14, eval.max = 5000, iter.max = 5000))
    x <- best$par
    # derivatives in z, x = x0 + size z: a step of a thousandth of each parameter's size
    size <- pmax(abs(x), ifelse(names(theta) == "mu", 0.3, 1e-3))
    about <- function(x0, g) function(z) g(x0 + size * z)
    zero <- 0 * x
    curvature <- function(x) numDeriv::hessian(about(x, f), zero,
        method.args = list(eps = 1e-3)) / outer(size, size)
    slope <- function(x) numDeriv::grad(about(x, f), zero,
        method.args = list(eps = 1e-3)) / size
    for (i in 1:8) {
        y <- x - solve(curvature(x), slope(x))
        if (f(y) < f(x) + 1e-9) x <- y
    }
    if (max(abs(slope(x) * size)) > 1e-5) {
        message("no interior maximum: ", paste(signif(x, 6), collapse = " "))
        return(NULL)
    }
    h <- curvature(x)
    scores <- function(y) { names(y) <- names(theta); terms_of(y, r, spec) }
    s <- numDeriv::jacobian(about(x, scores), zero, method.args = list(eps = 1e-3))
    s <- sweep(s, 2, size, "/")
    names(x) <- names(theta)
    list(par = x, ll = -f(x), hessian = sqrt(diag(solve(h))),
         opg = sqrt(diag(solve(crossprod(s)))),
         qmle = sqrt(diag(solve(h) %*% crossprod(s) %*% solve(h))))
}

rows <- NULL
names_of <- c("mu", "omega", "alpha", "gamma", "beta", "nu")
digits <- function(x) ifelse(is.na(x), "", sprintf("%.12g", x))
row <- function(source, series, spec, ll, par, hessian, opg, qmle) {
    spread <- function(x) { y <- setNames(rep(NA_real_, 6), names_of); y[names(par)] <- x; y }
    rows <<- rbind(rows, c(source, series, as.integer(c(spec$gjr, spec$student, spec$mean,
        spec$targeting)), spec$start, digits(ll), digits(spread(par)),
        digits(spread(hessian)), digits(spread(opg)), digits(spread(qmle))))
}

fit_all <- function(series, r, specs) {
    for (spec in specs) {
        done <- fit(r, spec)
        if (!is.null(done)) row("optim", series, spec, done$ll, done$par, done$hessian, done$opg, done$qmle)
    }
    for (dist in c("norm", "std")) {
        g <- suppressWarnings(garchFit(~garch(1, 1), data = r, cond.dist = dist, trace = FALSE,
            include.mean = TRUE, init.rec = "mci", algorithm = "nlminb"))
        p <- coef(g)
        names(p) <- c("mu", "omega", "alpha", "beta", "nu")[seq_along(p)]
        if (p["alpha"] + p["beta"] < 1) {
            none <- rep(NA_real_, length(p))
            row("fGarch", series, list(gjr = FALSE, student = dist == "std", mean = TRUE,
                targeting = FALSE, start = "mean"), -g@fit$llh, p, g@fit$se.coef, none, none)
        }
    }
}

make <- function(gjr, student, mean = TRUE, targeting = FALSE, start = "mean")
    list(gjr = gjr, student = student, mean = mean, targeting = targeting, start = start)
models <- list(make(FALSE, FALSE), make(FALSE, TRUE), make(TRUE, FALSE), make(TRUE, TRUE))
more <- list(make(FALSE, FALSE, mean = FALSE), make(TRUE, TRUE, mean = FALSE),
             make(TRUE, TRUE, targeting = TRUE), make(FALSE, FALSE, targeting = TRUE),
             make(FALSE, TRUE, start = "unconditional"), make(TRUE, FALSE, start = "backcast"),
             make(TRUE, TRUE, start = "first"))

r <- simulate(2501)
write.table(data.frame(r = r), file.path(out, "garch_series.csv"), row.names = FALSE,
            quote = FALSE)
fit_all("simulated", r, c(models, more))
if (!is.na(data)) {
    dem <- read.csv(gzfile(file.path(data, "gpl/benchmarks/fGarch_dem2gbp_1974obs.csv.gz")))[, 1]
    fit_all("dem2gbp", dem, list(make(FALSE, FALSE), make(TRUE, FALSE),
                                 make(TRUE, TRUE, targeting = TRUE)))
    sp <- read.csv(gzfile(file.path(data,
        "permissive/benchmarks/arch_sp500_1d_1999-2018.csv.gz")))
    close <- sp[["Adj.Close"]]
    fit_all("sp500", 100 * diff(log(close)), list(make(FALSE, FALSE),
        make(FALSE, FALSE, targeting = TRUE), make(FALSE, FALSE, start = "backcast")))
}
colnames(rows) <- c("source", "series", "gjr", "student", "mean", "targeting", "start", "ll",
    names_of, paste0("hessian_", names_of), paste0("opg_", names_of), paste0("qmle_", names_of))
write.csv(rows, file.path(out, "garch_reference.csv"), row.names = FALSE, quote = FALSE)
