/* liquidity_data.h -- which samples of book and trades does a capture hold? */
#ifndef COORDINATOR_LIQUIDITY_DATA_H
#define COORDINATOR_LIQUIDITY_DATA_H

#include "market/capture.h"
#include "worker/liquidity.h"

struct liquidity_request {
    double face; /* notional of a contract; 0: quantities are of the base */
    int64_t step_ns;
    double adv, sigma; /* of a day; NaN: from the capture */
};

struct liquidity_data {
    struct liquidity_series series;
    struct liquidity_sample *sample;
    int64_t start_ns; /* of the first sample */
    struct capture_counts counts;
};

/* Samples at even steps from the first whole book on; sizes are a ladder from 1/1000 of
 * the first book's depth within 1 % up to all of it.  Where the book is not known for
 * more than a step, ERR_INPUT: even samples are what the estimates need. */
int liquidity_data_read(const char *path, const struct liquidity_request *request,
                        struct liquidity_data *data, struct err *err);
void liquidity_data_free(struct liquidity_data *data);

#endif /* COORDINATOR_LIQUIDITY_DATA_H */
