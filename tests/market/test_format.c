#include "core/clock.h"
#include "market/read.h"
#include "tests/check.h"

/* Two or three rows of every layout, as the vendors write them. */
static const char cdd_2019[] =
    "Timestamps are UTC timezone,https://www.CryptoDataDownload.com\r\n"
    "date,symbol,open,high,low,close,volume_btc,volume\r\n"
    "2019-10-17 09-AM,BTCUSD,8051,8056.83,8021.23,8035.88,61.25,492394.56\r\n"
    "2019-10-17 08-AM,BTCUSD,7975.89,8070,7975.89,8051,370.45,2971610.86\r\n";
static const char cdd_2020[] =
    "Timestamps are UTC timezone,https://www.CryptoDataDownload.com\r\n"
    "Unix Timestamp,Date,Symbol,Open,High,Low,Close,Volume BTC,Volume USDT\r\n"
    "1599314400.0,2020-09-05 02-PM,BTCUSDT,10306.47,10346.67,10220.01,10327.06,2751.72,"
    "28290534.85\r\n";
static const char cdd_2022[] =
    "https://www.CryptoDataDownload.com\n"
    "unix,date,symbol,open,high,low,close,Volume BTC,Volume USDT,tradecount\n"
    "1513555200000,2017-12-18 00:00:00,BTC/USDT,18860.04,19300,17029.98,18856.25,"
    "10624.6,196339245.7,91956\n"
    "1513555200.0,2017-12-18,BTC/USDT,18860.02,19300,17029.98,18856.25,10280.98,"
    "190057336.85,NULL\n";
static const char vision[] =
    "open_time,open,high,low,close,volume,close_time,quote_volume,count,"
    "taker_buy_volume,taker_buy_quote_volume,ignore\n"
    "1706745600000,0.1592,0.1598,0.1591,0.1598,506355.0,1706745659999,80756.2,311,"
    "380529.9,60711.9,0\n";
static const char vision_bare_us[] =
    "1735689600000000,93576.00,93610.93,93537.50,93610.93,8.21827,1735689659999999,"
    "769133.6,2631,4.95179,463469.0,0\n";
static const char klines_text[] =
    "open_time,open,high,low,close,volume,close_time,quote_asset_volume,trades,"
    "taker_buy_base,taker_buy_quote,ignore,open_time.1,open_time\n"
    "2025-09-22 00:00:00+00:00,1.0,7.26,1.0,4.839,69411652.78,1758585599999,343688450,"
    "1204307,34992716,174254623,0,,\n";
static const char london[] =
    "time,exchange,crypto,pair,contract,open,high,low,close,volume,funding rate\n"
    "2023-07-01 01:00:00,binance,bitcoin,BTC/USDT,spot,16541.77,16559.77,16499.01,"
    "16526.19,32048.06,\n";
static const char dvol[] =
    "timestamp,datetime_utc,date,hour,dvol_open,dvol_high,dvol_low,dvol_close\n"
    "1616544000000,2021-03-24 00:00:00 UTC,2021-03-24,0,84.8,85.41,84.67,84.88\n";
static const char kaggle[] = "Timestamp,Open,High,Low,Close,Volume\n"
                             "1325412060.0,4.58,4.58,4.58,4.58,0.0\n";
static const char python_binance[] =
    "time,open,high,low,close,volume,timestamp\n"
    "2018-02-09 09:28:15,8.2791,9.2,8.279,8.8,293496.29,1518168495787";
static const char ticker[] = "date;open;high;low;close;volume;ticker\n"
                             "2021-04-04 21:00:00;18.03;18.18;17.99;18.17;78231;LUNA\n";
static const char kraken[] =
    "1605571200,16713.1,16830.0,16683.6,16806.1,2861.4,51506\n"
    "1605574800,16806.1,16806.9,16666.4,16690.2,2463.7,46872\n";
static const char ninjabot[] =
    "1605571200,16713.1,16806.1,16683.6,16830.0,2861.4,51506\n"
    "1605574800,16806.1,16690.2,16666.4,16806.9,2463.7,468\n";
static const char gct[] = "1546300800,23741.687033,3701.23,3850,3642,3797.14\n"
                          "1546387200,35156.463369,3796.45,3880,3750.45,3858.56\n";
static const char reexport[] = "2017-08-17 05:00:00,4308.83,4328.69,4291.37,4315.32,"
                               "23.23,NaN,100304.82,2017-08-17 05-AM,BTC/USDT\n";
static const char bitmex[] =
    "[{\"timestamp\":\"2018-01-01T00:01:00.000Z\",\"symbol\":\"XBTUSD\",\"open\":13940,"
    "\"high\":13937,\"low\":13861.5,\"close\":13873,\"trades\":181,\"volume\":405574,"
    "\"vwap\":13890.8,\"lastSize\":168,\"turnover\":2919847164,"
    "\"homeNotional\":29.19,\"foreignNotional\":405574}]";
static const char rest[] =
    "[[1577836800000,\"1.7678\",\"1.8033\",\"1.7606\",\"1.7932\",\"74987.58\","
    "1577851199999,\"133790.1\",793,\"36357.97\",\"64881.1\",\"0\"]]";

static const struct {
    const char *text, *format, *time, *symbol;
    struct bar first;
} sample[] = {
    {cdd_2019,
     "cryptodatadownload",
     "2019-10-17T09:00:00Z",
     "BTCUSD",
     {0, 8051, 8056.83, 8021.23, 8035.88, 61.25}},
    {cdd_2020,
     "cryptodatadownload",
     "2020-09-05T14:00:00Z",
     "BTCUSDT",
     {0, 10306.47, 10346.67, 10220.01, 10327.06, 2751.72}},
    {cdd_2022,
     "cryptodatadownload",
     "2017-12-18T00:00:00Z",
     "BTC/USDT",
     {0, 18860.04, 19300, 17029.98, 18856.25, 10624.6}},
    {vision,
     "binance-vision",
     "2024-02-01T00:00:00Z",
     "",
     {0, 0.1592, 0.1598, 0.1591, 0.1598, 506355}},
    {vision_bare_us,
     "binance-vision",
     "2025-01-01T00:00:00Z",
     "",
     {0, 93576, 93610.93, 93537.5, 93610.93, 8.21827}},
    {klines_text,
     "binance-klines",
     "2025-09-22T00:00:00Z",
     "",
     {0, 1, 7.26, 1, 4.839, 69411652.78}},
    {london,
     "multi-venue-8h",
     "2023-07-01T00:00:00Z",
     "binance-BTC/USDT-spot",
     {0, 16541.77, 16559.77, 16499.01, 16526.19, 32048.06}},
    {dvol,
     "deribit-dvol",
     "2021-03-24T00:00:00Z",
     "",
     {0, 84.8, 85.41, 84.67, 84.88, 0}},
    {kaggle,
     "kaggle-bitstamp",
     "2012-01-01T10:01:00Z",
     "",
     {0, 4.58, 4.58, 4.58, 4.58, 0}},
    {python_binance,
     "csv",
     "2018-02-09T09:28:15.787Z",
     "",
     {0, 8.2791, 9.2, 8.279, 8.8, 293496.29}},
    {ticker,
     "csv",
     "2021-04-04T21:00:00Z",
     "LUNA",
     {0, 18.03, 18.18, 17.99, 18.17, 78231}},
    {kraken,
     "kraken",
     "2020-11-17T00:00:00Z",
     "",
     {0, 16713.1, 16830, 16683.6, 16806.1, 2861.4}},
    {ninjabot,
     "ninjabot",
     "2020-11-17T00:00:00Z",
     "",
     {0, 16713.1, 16830, 16683.6, 16806.1, 2861.4}},
    {gct,
     "gocryptotrader",
     "2019-01-01T00:00:00Z",
     "",
     {0, 3701.23, 3850, 3642, 3797.14, 23741.687033}},
    {reexport,
     "cdd-reexport",
     "2017-08-17T05:00:00Z",
     "BTC/USDT",
     {0, 4308.83, 4328.69, 4291.37, 4315.32, 23.23}},
    {bitmex,
     "bitmex",
     "2018-01-01T00:01:00Z",
     "XBTUSD",
     {0, 13940, 13937, 13861.5, 13873, 405574}},
    {rest,
     "binance-rest",
     "2020-01-01T00:00:00Z",
     "",
     {0, 1.7678, 1.8033, 1.7606, 1.7932, 74987.58}},
};

enum { N_SAMPLES = sizeof sample / sizeof *sample };

static void check_sample(size_t i, const char *name)
{
    struct rows rows = {.n = 0};
    struct read_choice choice;
    struct err err = {0};
    char time[CLOCK_TEXT_MAX];

    CU_ASSERT_EQUAL(read_rows(sample[i].text, strlen(sample[i].text),
                              &(struct read_wish){.name = name}, &rows, &choice, &err),
                    0);
    CU_ASSERT_STRING_EQUAL(err.text, "");
    CU_ASSERT_EQUAL_FATAL(rows.n_rejected, 0);
    CU_ASSERT_STRING_EQUAL(choice.format->name, sample[i].format);
    CU_ASSERT(choice.why[0] != '\0');
    const struct bar *bar = &rows.row[0].bar, *want = &sample[i].first;

    CU_ASSERT_STRING_EQUAL(clock_moment_text(bar->time, time), sample[i].time);
    CU_ASSERT(bar->open == want->open && bar->high == want->high);
    CU_ASSERT(bar->low == want->low && bar->close == want->close);
    CU_ASSERT(bar->volume == want->volume);
    CU_ASSERT_STRING_EQUAL(rows.symbol[rows.row[0].symbol], sample[i].symbol);
    rows_free(&rows);
}

static void every_layout_is_recognised_and_read(void)
{
    for (size_t i = 0; i < N_SAMPLES; i++)
        check_sample(i, NULL);
}

static void every_layout_is_read_under_its_own_name(void)
{
    for (size_t i = 0; i < N_SAMPLES; i++)
        check_sample(i, sample[i].format);
}

/* The rows that read what many vendors write: that is what they are for. */
static bool is_general(const char *name)
{
    return strcmp(name, "csv") == 0 || strcmp(name, "json") == 0 ||
           strcmp(name, "ohlcv") == 0;
}

static void every_layout_is_refused_under_every_other_name(void)
{
    for (size_t i = 0; i < N_SAMPLES; i++)
        for (size_t f = 0; f < format_count; f++) {
            const char *name = format_table[f].name;
            struct rows rows = {.n = 0};
            struct read_choice choice;
            struct err err = {0};

            if (strcmp(name, sample[i].format) == 0 || is_general(name))
                continue;
            if (strcmp(name, "binance-klines") == 0 && sample[i].text == vision)
                continue; /* the same columns under a more general name */
            CU_ASSERT_EQUAL(read_rows(sample[i].text, strlen(sample[i].text),
                                      &(struct read_wish){.name = name}, &rows, &choice,
                                      &err),
                            -1);
            CU_ASSERT_EQUAL(err.kind, ERR_INPUT);
            CHECK_CONTAINS(err.text, name);
            rows_free(&rows);
        }
}

static const char *error_of(const char *text, const char *name)
{
    static struct err err;
    struct rows rows = {.n = 0};
    struct read_choice choice;

    err.text[0] = '\0';
    CU_ASSERT_EQUAL(read_rows(text, strlen(text), &(struct read_wish){.name = name},
                              &rows, &choice, &err),
                    -1);
    CU_ASSERT_EQUAL(err.kind, ERR_INPUT);
    rows_free(&rows);
    return err.text;
}

static void a_refusal_says_what_the_file_reads_like(void)
{
    CHECK_CONTAINS(error_of(ninjabot, "kraken"), "it reads like ninjabot");
    CHECK_CONTAINS(error_of(cdd_2019, "binance-vision"),
                   "it reads like cryptodatadownload");
    CHECK_CONTAINS(error_of(rest, "bitmex"), "it reads like binance-rest");
}

static void an_unknown_file_lists_what_is_known(void)
{
    CHECK_CONTAINS(error_of("timestamp,symbol,funding_rate\n1,A,2\n", NULL),
                   "no known format (import --list-formats shows those, --columns "
                   "says which column is which)");
    CHECK_CONTAINS(error_of("1605484810,16000.5,0.2,ANY\n", NULL), "no known format");
    CHECK_CONTAINS(error_of("", NULL), "the file is empty");
    CHECK_CONTAINS(error_of(" \r\n\n", NULL), "the file is empty");
    CHECK_CONTAINS(error_of("[{\"a\":1}]", NULL), "no known format");
    CHECK_CONTAINS(error_of("[[1,2", NULL), "line 1, column 5: not JSON");
    CHECK_CONTAINS(error_of("{\"a\":1}", NULL), "holds no array of bars");
    CHECK_CONTAINS(error_of(kaggle, "nosuch"), "nosuch");
}

/* Flat bars hold in any order of prices. */
static void without_a_header_equal_prices_are_ambiguous(void)
{
    CHECK_CONTAINS(error_of("1605571200,5,5,5,5,0,0\n1605574800,5,5,5,5,0,0\n", NULL),
                   "it may be kraken or ninjabot: say which with --format");
}

/* An illiquid market's history begins with a thousand bars of one trade. */
static void a_flat_beginning_is_decided_by_what_follows(void)
{
    static char text[200000];
    struct rows rows = {.n = 0};
    struct read_choice choice;
    struct err err = {0};
    size_t n = 0;

    for (int i = 0; i < 1100; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%d,5,%d,5,5,1,1\n",
                              1605571200 + 60 * i, i > 1000 ? 6 : 5);
    CU_ASSERT_EQUAL(
        read_rows(text, n, &(struct read_wish){.name = NULL}, &rows, &choice, &err), 0);
    CU_ASSERT_STRING_EQUAL(choice.format->name, "kraken");
    CU_ASSERT_EQUAL(rows.n, 1100);
    rows_free(&rows);
}

static void a_header_alone_has_no_rows(void)
{
    CHECK_CONTAINS(error_of("Timestamp,Open,High,Low,Close,Volume\n", NULL),
                   "there are no rows");
}

static void an_empty_json_array_fits_every_format(void)
{
    struct rows rows = {.n = 0};
    struct read_choice choice;
    struct err err = {0};

    CU_ASSERT_EQUAL(read_rows("[]", 2, &(struct read_wish){.name = "binance-rest"},
                              &rows, &choice, &err),
                    0);
    CU_ASSERT_PTR_NULL(choice.format);
    CU_ASSERT_EQUAL(rows.n, 0);
}

#define HEAD "Timestamp,Open,High,Low,Close,Volume\n"
#define GOOD "1325412060,5,6,4,5,1\n"

static void wrong_rows_are_rejected_with_line_and_reason(void)
{
    static const struct {
        const char *row, *reason;
    } wrong[] = {
        {"1325412120,nan,6,4,5,1", "open: 'nan' is not a number"},
        {"1325412120,5,inf,4,5,1", "high: 'inf' is not a number"},
        {"1325412120,5,1e999,4,5,1", "too large"},
        {"1325412120,0,6,4,5,1", "open 0 is not a price above 0"},
        {"1325412120,5,6,-4,5,1", "low -4 is not a price above 0"},
        {"1325412120,5,3,4,5,1", "high 3 is below low 4"},
        {"1325412120,7,6,4,5,1", "open 7 is outside low 4 to high 6"},
        {"1325412120,5,6,4,3,1", "close 3 is outside low 4 to high 6"},
        {"1325412120,5,6,4,5,-1", "volume -1 is not 0 or more"},
        {"1325412120,5,6,4,5,", "volume is missing"},
        {"1325412120,5,6,4,5", "5 columns where there should be 6"},
        {"1325412120,5,6,4,5,1,2", "7 columns where there should be 6"},
        {",5,6,4,5,1", "time is missing"},
        {"17,5,6,4,5,1", "time 17 is not between 1990 and 2099"},
        {"1325412120000,5,6,4,5,1", "is in ms, but this format has s"},
        {"1325412120,5 ,6,4x,5,1", "low: '4x' is not a number"},
        {"1325412120,5,6,4,0x1p3,1", "close: '0x1p3' is not a number"},
        {"\x01\xff garbage", "1 columns where there should be 6"},
    };

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct rows rows = {.n = 0};
        struct read_choice choice;
        struct err err = {0};
        char text[300];

        snprintf(text, sizeof text, HEAD GOOD "\n%s\n" GOOD, wrong[i].row);
        CU_ASSERT_EQUAL(read_rows(text, strlen(text), &(struct read_wish){.name = NULL},
                                  &rows, &choice, &err),
                        0);
        CU_ASSERT_EQUAL(rows.n, 2);
        CU_ASSERT_EQUAL_FATAL(rows.n_rejected, 1);
        CU_ASSERT_EQUAL(rows.rejected[0].number, 4); /* the blank line counts */
        CHECK_CONTAINS(rows.rejected[0].reason, wrong[i].reason);
        rows_free(&rows);
    }
}

static void bitmex_lets_the_open_be_outside_but_not_the_close(void)
{
    static const char text[] =
        "[{\"timestamp\":\"2018-01-01T00:01:00Z\",\"open\":9,\"high\":6,\"low\":4,"
        "\"close\":5,\"volume\":1,\"turnover\":1,\"vwap\":1},"
        "{\"timestamp\":\"2018-01-01T00:02:00Z\",\"open\":5,\"high\":6,\"low\":4,"
        "\"close\":9,\"volume\":1,\"turnover\":1,\"vwap\":1},"
        "{\"timestamp\":\"2018-01-01T00:03:00Z\",\"open\":null,\"high\":6,\"low\":4,"
        "\"close\":5,\"volume\":1,\"turnover\":1,\"vwap\":1},"
        "{\"timestamp\":\"2018-01-01T00:04:00Z\",\"open\":5,\"high\":6,\"low\":4,"
        "\"close\":5,\"volume\":1,\"turnover\":1,\"vwap\":1}]";
    struct rows rows = {.n = 0};
    struct read_choice choice;
    struct err err = {0};

    CU_ASSERT_EQUAL(read_rows(text, strlen(text), &(struct read_wish){.name = NULL},
                              &rows, &choice, &err),
                    0);
    CU_ASSERT_EQUAL(rows.n, 2);
    CU_ASSERT_EQUAL_FATAL(rows.n_rejected, 2);
    CU_ASSERT_EQUAL(rows.rejected[0].number, 1); /* array index */
    CHECK_CONTAINS(rows.rejected[0].reason, "close 9 is outside");
    CU_ASSERT_EQUAL(rows.rejected[1].number, 2);
    CHECK_CONTAINS(rows.rejected[1].reason, "open is missing");
    CU_ASSERT(choice.by_index);
    rows_free(&rows);
}

static void names_in_the_table_are_those_of_the_list(void)
{
    char names[FORMAT_NAMES_MAX];

    format_names(names);
    for (size_t i = 0; i < format_count; i++) {
        CHECK_CONTAINS(names, format_table[i].name);
        CU_ASSERT_PTR_NOT_NULL(format_find(format_table[i].name));
    }
    CU_ASSERT_PTR_NULL(format_find("nosuch"));
}

int main(void)
{
    CU_TestInfo format[] = {
        {"every_layout_is_recognised_and_read", every_layout_is_recognised_and_read},
        {"every_layout_is_read_under_its_own_name",
         every_layout_is_read_under_its_own_name},
        {"every_layout_is_refused_under_every_other_name",
         every_layout_is_refused_under_every_other_name},
        {"a_refusal_says_what_the_file_reads_like",
         a_refusal_says_what_the_file_reads_like},
        {"an_unknown_file_lists_what_is_known", an_unknown_file_lists_what_is_known},
        {"without_a_header_equal_prices_are_ambiguous",
         without_a_header_equal_prices_are_ambiguous},
        {"a_flat_beginning_is_decided_by_what_follows",
         a_flat_beginning_is_decided_by_what_follows},
        {"a_header_alone_has_no_rows", a_header_alone_has_no_rows},
        {"an_empty_json_array_fits_every_format",
         an_empty_json_array_fits_every_format},
        {"wrong_rows_are_rejected_with_line_and_reason",
         wrong_rows_are_rejected_with_line_and_reason},
        {"bitmex_lets_the_open_be_outside_but_not_the_close",
         bitmex_lets_the_open_be_outside_but_not_the_close},
        {"names_in_the_table_are_those_of_the_list",
         names_in_the_table_are_those_of_the_list},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"format", NULL, NULL, NULL, NULL, format},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
