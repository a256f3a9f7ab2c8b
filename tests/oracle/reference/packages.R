# packages.R -- values by R packages that do what the program does, from their own code
#
#     Rscript tests/oracle/reference/packages.R OUT_DIR [DATA_DIR]
#
# Writes packages_reference.csv (what, series, a, b, value), all digits:
#
#   TTR        volatility() and ATR() on range_bars.csv taken for bars without gaps, and
#              EMA() of squared returns: the range estimators, the rolling deviation, EWMA
#   fGarch     garchFit(~aparch(1, 1), delta = 2) is GJR in other letters:
#              alpha (|e| - g e)^2 = a e^2 + c e^2 1{e < 0},  a = alpha (1-g)^2, c = 4 alpha g
#   survival   survreg() of censored Weibull and exponential durations: the test of
#              Christoffersen and Pelletier on backtests_series.csv
#   stats      loglin()$lrt of pairs of hits: Christoffersen's independence;
#              binom.test(): Kupiec's count, one-sided, exact;
#              quantile(type = 1): historical simulation, plain and filtered
#
# Debian: r-cran-ttr, r-cran-fgarch, r-cran-survival (versions are written to the file's
# last rows).  With DATA_DIR the GJR of the S&P 500 of the python package arch and of
# the Bollerslev-Ghysels series are fitted too.
suppressMessages({library(TTR); library(fGarch); library(survival)})
args <- commandArgs(trailingOnly = TRUE)
out <- args[1]
data <- if (length(args) > 1) args[2] else NA
rows <- NULL
put <- function(what, series, a, b, value)
    rows <<- rbind(rows, data.frame(what, series, a, b,
        value = ifelse(is.na(value), "", format(value, digits = 17, trim = TRUE))))

# ---- ranges ----------------------------------------------------------------------------
bars <- read.csv(file.path(out, "range_bars.csv"))
ohlc <- as.matrix(bars[, c("open", "high", "low", "close")])
calc <- c(rolling = "close", parkinson = "parkinson", garman_klass = "garman.klass",
          rogers_satchell = "rogers.satchell", yang_zhang = "yang.zhang")
at <- c(70, 103, 150, 222, 299, 301)
for (n in c(5, 14, 61)) {
    for (model in names(calc)) {
        # n returns need n + 1 closes, which are what TTR's windows of "close" count
        v <- TTR::volatility(ohlc, n = n + (model == "rolling"), calc = calc[[model]],
                             N = 1)^2
        for (t in at) put(model, "range_bars", n, t - 1, v[t])
    }
}
hlc <- log(ohlc[, c("high", "low", "close")])
for (n in c(5, 10)) {
    v <- ATR(hlc, n = n)[, "atr"]  # Wilder's smoothing; its start is forgotten by 0.8^245
    for (t in c(250, 299, 301)) put("atr", "range_bars", n, t - 1, pi / 8 * v[t]^2)
}
r <- read.csv(file.path(out, "garch_series.csv"))$r
for (lambda in c(0.94, 0.97)) {
    v <- EMA(r^2, ratio = 1 - lambda)  # the mean of the first few starts it
    for (t in c(sum(is.na(v)) + 1:2, 747, 2501)) put("ewma", "garch_series", lambda, t, v[t])
}

# ---- GJR -------------------------------------------------------------------------------
gjr <- function(name, r) for (dist in c("norm", "std")) {
    g <- suppressWarnings(garchFit(~aparch(1, 1), data = r, delta = 2, include.delta = FALSE,
        leverage = TRUE, cond.dist = dist, trace = FALSE, include.mean = TRUE,
        algorithm = "nlminb+nm"))
    p <- coef(g); s <- g@fit$se.coef
    a <- p[["alpha1"]]; l <- p[["gamma1"]]
    put("gjr", name, dist, "ll", -g@fit$llh)
    put("gjr", name, dist, "mu", p[["mu"]])
    put("gjr", name, dist, "omega", p[["omega"]])
    put("gjr", name, dist, "alpha", a * (1 - l)^2)
    put("gjr", name, dist, "gamma", 4 * a * l)
    put("gjr", name, dist, "beta", p[["beta1"]])
    if (dist == "std") put("gjr", name, dist, "nu", p[["shape"]])
}
gjr("simulated", r)
if (!is.na(data)) {
    gjr("dem2gbp", read.csv(gzfile(file.path(data,
        "gpl/benchmarks/fGarch_dem2gbp_1974obs.csv.gz")))[, 1])
    gjr("sp500", 100 * diff(log(read.csv(gzfile(file.path(data,
        "permissive/benchmarks/arch_sp500_1d_1999-2018.csv.gz")))[["Adj.Close"]])))
}

# ---- backtests -------------------------------------------------------------------------
tests <- read.csv(file.path(out, "backtests_series.csv"))
level <- read.csv(file.path(out, "backtests_reference.csv"))
for (name in unique(tests$series)) {
    s <- tests[tests$series == name, ]
    hit <- s$loss > s$var
    there <- !is.na(hit)
    both <- there[-1] & there[-length(there)]
    pairs <- table(factor(hit[-length(hit)][both], c(FALSE, TRUE)),
                   factor(hit[-1][both], c(FALSE, TRUE)))
    put("independence_lr", name, "", "", loglin(pairs, list(1, 2), print = FALSE)$lrt)
    scored <- hit[there]
    p <- level$p[level$series == name]
    put("binomial_upper", name, sum(scored), length(scored),
        binom.test(sum(scored), length(scored), p, "greater")$p.value)
    place <- which(scored)
    whole <- diff(place)
    time <- c(if (!scored[1]) place[1], whole,
              if (!scored[length(scored)]) length(scored) - tail(place, 1))
    event <- c(if (!scored[1]) 0, rep(1, length(whole)),
               if (!scored[length(scored)]) 0)
    tight <- survreg.control(rel.tolerance = 1e-14, maxiter = 200)
    w <- survreg(Surv(time, event) ~ 1, dist = "weibull", control = tight)
    e <- survreg(Surv(time, event) ~ 1, dist = "exponential", control = tight)
    put("duration_b", name, "", "", 1 / w$scale)
    put("duration_ll", name, "", "", w$loglik[1])
    put("duration_ll_one", name, "", "", e$loglik[1])
}

# ---- historical simulation -----------------------------------------------------------
window <- 500
sigma <- sqrt(EMA(r^2, ratio = 1 - 0.94))
for (c0 in c(0.95, 0.99, 0.975)) for (t in c(800, 1500, 2501)) {
    last <- (t - window + 1):t
    put("historical", "garch_series", c0, t,
        quantile(-r[last], c0, type = 1, names = FALSE))
    z <- -r[last] / sigma[last - 1]  # each return over the deviation known before it
    put("filtered", "garch_series", c0, t,
        sigma[t] * quantile(z, c0, type = 1, names = FALSE))
}
for (package in c("TTR", "fGarch", "survival"))
    put("version", package, as.character(packageVersion(package)), "", NA)
write.csv(rows, file.path(out, "packages_reference.csv"), row.names = FALSE, quote = FALSE,
          na = "")
