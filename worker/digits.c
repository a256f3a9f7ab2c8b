#include "worker/digits.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

double ten_digits(double value)
{
    char text[32];

    if (!isfinite(value))
        return value;
    snprintf(text, sizeof text, "%.9e", value);
    return strtod(text, NULL);
}
