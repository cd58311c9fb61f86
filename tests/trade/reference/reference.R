# Reference values from R for the estimators of analysis/trade. Run in this folder: Rscript reference.R
# It reads panel.csv and writes reference.json, both of which are kept, so that the tests need no R.
# Written with R 4.2.2, strucchange 1.5-3, sandwich 3.0-2.
library(strucchange)
library(sandwich)
library(jsonlite)

out <- list()

# breaks: the flow of the Nile, and a regression on a made-up regressor that R and the tests write alike
level <- Fstats(Nile ~ 1, from = 0.15)
sup <- sctest(level, type = "supF")
dates <- breakpoints(Nile ~ 1, h = 0.15)
ols_cusum <- sctest(efp(Nile ~ 1, type = "OLS-CUSUM"))
score <- sctest(efp(Nile ~ 1, type = "Score-CUSUM"), functional = "meanL2")
wave <- sin(seq_along(Nile))
slope <- sctest(Fstats(Nile ~ wave, from = 0.2), type = "supF")
known <- sctest(Nile ~ 1, type = "Chow", point = 28)
out$nile <- list(
  sup_f = unname(sup$statistic), sup_f_p = unname(sup$p.value), sup_f_at = level$breakpoint,
  sup_f_two = unname(slope$statistic), sup_f_two_p = unname(slope$p.value),
  dates = dates$breakpoints, bic = unname(summary(dates)$RSS["BIC", ]), rss = unname(summary(dates)$RSS["RSS", ]),
  cusum = unname(ols_cusum$statistic), cusum_p = unname(ols_cusum$p.value),
  hansen = unname(score$statistic),
  chow = unname(known$statistic), chow_p = unname(known$p.value)
)

# interrupted series: Newey-West errors with Bartlett weights and the n/(n-k) correction
time <- 0:99
step <- as.numeric(time >= 28)
fit <- lm(Nile ~ time + step)
lag <- floor(4 * (100 / 100)^(2 / 9))
hac <- NeweyWest(fit, lag = lag, prewhite = FALSE, adjust = TRUE)
out$interrupted <- list(lag = lag, coef = unname(coef(fit)), se = unname(sqrt(diag(hac))))

# gravity: Poisson pseudo-maximum likelihood with a dummy for each level of each effect
panel <- read.csv("panel.csv")
panel$pair <- paste(panel$exporter, panel$importer)
panel$ey <- paste(panel$exporter, panel$year)
panel$iy <- paste(panel$importer, panel$year)
# epsilon also sets the tolerance by which redundant dummies are told: no smaller than this
control <- glm.control(epsilon = 1e-9, maxit = 100)
poisson_fit <- function(formula) {
  # the call holds the formula itself, for sandwich reads it again
  eval(bquote(glm(.(formula), family = quasipoisson, data = panel, control = control)))
}
told <- function(fit) {
  terms <- c("agreement", "other")
  one <- vcovCL(fit, cluster = panel$pair, type = "HC0", cadjust = TRUE)
  two <- vcovCL(fit, cluster = panel[, c("exporter", "importer")], type = "HC0", cadjust = FALSE)
  robust <- vcovHC(fit, type = "HC0")
  error <- function(v) unname(sqrt(diag(v)[terms]))
  list(coef = unname(coef(fit)[terms]), pair = error(one), two_way_plain = error(two), robust = error(robust))
}
out$two_effects <- told(poisson_fit(trade ~ agreement + other + factor(exporter) + factor(importer)))
out$three_way <- told(poisson_fit(trade ~ agreement + other + factor(ey) + factor(iy) + factor(pair)))

write(toJSON(out, digits = NA, auto_unbox = TRUE, pretty = TRUE), "reference.json")
