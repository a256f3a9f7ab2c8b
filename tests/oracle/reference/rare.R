# rare.R -- reference values for worker/pareto_k
#
#     Rscript tests/oracle/reference/rare.R OUT_DIR
#
# Writes rare_reference.csv: the shape that psis of R's package loo gives the quantiles
# u = (j - 1/2)/n of a Pareto law, (1 - u)^-a (law 0), and of a lognormal law, exp(a z)
# (law 1).
suppressMessages(library(loo))
out <- commandArgs(trailingOnly = TRUE)[1]
rows <- list()
for (law in 0:1) for (n in c(40, 747, 4000)) for (a in c(0.2, 0.6, 1.3)) {
  u <- (seq_len(n) - 0.5) / n
  log_weight <- if (law == 0) -a * log1p(-u) else a * qnorm(u)
  k <- suppressWarnings(psis(log_weight, r_eff = 1)$diagnostics$pareto_k)
  rows[[length(rows) + 1]] <- data.frame(law = law, n = n, a = a, k = format(k, digits = 17))
}
write.csv(do.call(rbind, rows), file.path(out, "rare_reference.csv"),
          row.names = FALSE, quote = FALSE)
