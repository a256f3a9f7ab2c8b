#include "core/clock.h"
#include "market/read.h"
#include "tests/check.h"

/* The same three bars as each vendor writes them: the layouts are those of the venues'
 * public documentation and of files that others keep. */
static const struct bar truth[] = {
    {1704067200 * CLOCK_SECOND, 42000, 42100.5, 41900, 42050.5, 12.5},
    {1704070800 * CLOCK_SECOND, 42051, 42300, 42040, 42200, 7.25},
    {1704074400 * CLOCK_SECOND, 42199, 42210, 42000, 42010, 3},
};

enum { N_TRUTH = sizeof truth / sizeof *truth };

static const struct {
    const char *vendor, *format, *symbol, *text;
} sample[] = {{"Coinbase Exchange, newest first", "coinbase", "",
               "[[1704074400,42000,42210,42199,42010,3],[1704070800,42040,42300,"
               "42051,42200,7.25],[1704067200,41900,42100.5,42000,42050.5,12.5]]"},
              {"Coinbase Advanced Trade", "json", "",
               "{\"candles\":[{\"start\":\"1704074400\",\"low\":\"42000\","
               "\"high\":\"42210\",\"open\":\"42199\",\"close\":\"42010\","
               "\"volume\":\"3\"},{\"start\":\"1704070800\",\"low\":\"42040\","
               "\"high\":\"42300\",\"open\":\"42051\",\"close\":\"42200\","
               "\"volume\":\"7.25\"},{\"start\":\"1704067200\",\"low\":\"41900\","
               "\"high\":\"42100.5\",\"open\":\"42000\",\"close\":\"42050.5\","
               "\"volume\":\"12.5\"}]}"},
              {"OKX", "okx", "",
               "{\"code\":\"0\",\"msg\":\"\",\"data\":[[\"1704074400000\","
               "\"42199\",\"42210\",\"42000\",\"42010\",\"3\",\"1\",\"2\",\"1\"],"
               "[\"1704070800000\",\"42051\",\"42300\",\"42040\",\"42200\","
               "\"7.25\",\"1\",\"2\",\"1\"],[\"1704067200000\",\"42000\","
               "\"42100.5\",\"41900\",\"42050.5\",\"12.5\",\"1\",\"2\",\"1\"]]}"},
              {"OKX, files to download", "csv", "BTC-USDT-SWAP",
               "instrument_name,open,high,low,close,vol,vol_ccy,vol_quote,"
               "open_time,confirm\n"
               "BTC-USDT-SWAP,42000,42100.5,41900,42050.5,12.5,None,None,"
               "1704067200000,1\n"
               "BTC-USDT-SWAP,42051,42300,42040,42200,7.25,None,None,"
               "1704070800000,1\n"
               "BTC-USDT-SWAP,42199,42210,42000,42010,3,None,None,1704074400000,1"},
              {"Bybit", "ohlcv", "",
               "{\"retCode\":0,\"result\":{\"symbol\":\"BTCUSD\","
               "\"list\":[[\"1704074400000\",\"42199\",\"42210\",\"42000\","
               "\"42010\",\"3\",\"9\"],[\"1704070800000\",\"42051\",\"42300\","
               "\"42040\",\"42200\",\"7.25\",\"9\"],[\"1704067200000\",\"42000\","
               "\"42100.5\",\"41900\",\"42050.5\",\"12.5\",\"9\"]]}}"},
              {"Bybit for MetaTrader, a clock of UTC+3", "bybit-mt4", "",
               "2024.01.01 03:00,42000,42100.5,41900,42050.5,12.5\n"
               "2024.01.01 04:00,42051,42300,42040,42200,7.25\n"
               "2024.01.01 05:00,42199,42210,42000,42010,3"},
              {"Bitfinex: close before high", "bitfinex", "",
               "[[1704074400000,42199,42010,42210,42000,3],[1704070800000,42051,"
               "42200,42300,42040,7.25],[1704067200000,42000,42050.5,42100.5,"
               "41900,12.5]]"},
              {"Bitstamp", "json", "",
               "{\"data\":{\"pair\":\"BTC/USD\",\"ohlc\":[{\"high\":\"42100.5\","
               "\"timestamp\":\"1704067200\",\"volume\":\"12.5\","
               "\"low\":\"41900\",\"close\":\"42050.5\",\"open\":\"42000\"},"
               "{\"high\":\"42300\",\"timestamp\":\"1704070800\","
               "\"volume\":\"7.25\",\"low\":\"42040\",\"close\":\"42200\","
               "\"open\":\"42051\"},{\"high\":\"42210\",\"timestamp\":\"1704074400"
               "\",\"volume\":\"3\",\"low\":\"42000\",\"close\":\"42010\","
               "\"open\":\"42199\"}]}}"},
              {"KuCoin spot", "kucoin", "",
               "{\"code\":\"200000\",\"data\":[[\"1704074400\",\"42199\","
               "\"42010\",\"42210\",\"42000\",\"3\",\"9\"],[\"1704070800\","
               "\"42051\",\"42200\",\"42300\",\"42040\",\"7.25\",\"9\"],"
               "[\"1704067200\",\"42000\",\"42050.5\",\"42100.5\",\"41900\","
               "\"12.5\",\"9\"]]}"},
              {"Gate spot", "gate", "",
               "[[\"1704067200\",\"9\",\"42050.5\",\"42100.5\",\"41900\","
               "\"42000\",\"12.5\",\"true\"],[\"1704070800\",\"9\",\"42200\","
               "\"42300\",\"42040\",\"42051\",\"7.25\",\"true\"],[\"1704074400\","
               "\"9\",\"42010\",\"42210\",\"42000\",\"42199\",\"3\",\"true\"]]"},
              {"Gate, files to download", "gate", "",
               "1704067200,12.5,42050.5,42100.5,41900,42000\n"
               "1704070800,7.25,42200,42300,42040,42051\n"
               "1704074400,3,42010,42210,42000,42199"},
              {"Gate futures", "json", "",
               "[{\"t\":1704067200,\"v\":12.5,\"c\":\"42050.5\",\"h\":\"42100.5\","
               "\"l\":\"41900\",\"o\":\"42000\",\"sum\":\"9\"},{\"t\":1704070800,"
               "\"v\":7.25,\"c\":\"42200\",\"h\":\"42300\",\"l\":\"42040\","
               "\"o\":\"42051\",\"sum\":\"9\"},{\"t\":1704074400,\"v\":3,"
               "\"c\":\"42010\",\"h\":\"42210\",\"l\":\"42000\",\"o\":\"42199\","
               "\"sum\":\"9\"}]"},
              {"Deribit", "json", "",
               "{\"jsonrpc\":\"2.0\",\"result\":{\"volume\":[12.5,7.25,3],"
               "\"ticks\":[1704067200000,1704070800000,1704074400000],"
               "\"status\":\"ok\",\"open\":[42000,42051,42199],\"low\":[41900,"
               "42040,42000],\"high\":[42100.5,42300,42210],\"cost\":[1,1,1],"
               "\"close\":[42050.5,42200,42010]}}"},
              {"TradingView UDF", "json", "",
               "{\"s\":\"ok\",\"t\":[1704067200,1704070800,1704074400],"
               "\"o\":[42000,42051,42199],\"h\":[42100.5,42300,42210],"
               "\"l\":[41900,42040,42000],\"c\":[42050.5,42200,42010],\"v\":[12.5,"
               "7.25,3]}"},
              {"HTX", "htx", "",
               "{\"status\":\"ok\",\"data\":[{\"id\":1704074400,\"open\":42199,"
               "\"close\":42010,\"low\":42000,\"high\":42210,\"amount\":3,"
               "\"vol\":9,\"count\":5},{\"id\":1704070800,\"open\":42051,"
               "\"close\":42200,\"low\":42040,\"high\":42300,\"amount\":7.25,"
               "\"vol\":9,\"count\":5},{\"id\":1704067200,\"open\":42000,"
               "\"close\":42050.5,\"low\":41900,\"high\":42100.5,\"amount\":12.5,"
               "\"vol\":9,\"count\":5}]}"},
              {"Kraken REST: vwap before volume", "kraken-rest", "",
               "{\"error\":[],\"result\":{\"XXBTZUSD\":[[1704067200,\"42000\","
               "\"42100.5\",\"41900\",\"42050.5\",\"42050\",\"12.5\",23],"
               "[1704070800,\"42051\",\"42300\",\"42040\",\"42200\",\"42050\","
               "\"7.25\",23],[1704074400,\"42199\",\"42210\",\"42000\",\"42010\","
               "\"42050\",\"3\",23]],\"last\":1704074400}}"},
              {"Hyperliquid: T ends the bar, t starts it", "json", "BTC",
               "[{\"T\":1704070799999,\"c\":\"42050.5\",\"h\":\"42100.5\","
               "\"i\":\"1h\",\"l\":\"41900\",\"n\":18,\"o\":\"42000\","
               "\"s\":\"BTC\",\"t\":1704067200000,\"v\":\"12.5\"},"
               "{\"T\":1704074399999,\"c\":\"42200\",\"h\":\"42300\",\"i\":\"1h\","
               "\"l\":\"42040\",\"n\":18,\"o\":\"42051\",\"s\":\"BTC\","
               "\"t\":1704070800000,\"v\":\"7.25\"},{\"T\":1704077999999,"
               "\"c\":\"42010\",\"h\":\"42210\",\"i\":\"1h\",\"l\":\"42000\","
               "\"n\":18,\"o\":\"42199\",\"s\":\"BTC\",\"t\":1704074400000,"
               "\"v\":\"3\"}]"},
              {"dYdX", "json", "BTC-USD",
               "{\"candles\":[{\"startedAt\":\"2024-01-01T02:00:00.000Z\","
               "\"ticker\":\"BTC-USD\",\"low\":\"42000\",\"high\":\"42210\","
               "\"open\":\"42199\",\"close\":\"42010\",\"baseTokenVolume\":\"3\","
               "\"usdVolume\":\"9\"},{\"startedAt\":\"2024-01-01T01:00:00.000Z\","
               "\"ticker\":\"BTC-USD\",\"low\":\"42040\",\"high\":\"42300\","
               "\"open\":\"42051\",\"close\":\"42200\",\"baseTokenVolume\":\"7.25"
               "\",\"usdVolume\":\"9\"},{\"startedAt\":\"2024-01-01T00:00:00.000Z"
               "\",\"ticker\":\"BTC-USD\",\"low\":\"41900\",\"high\":\"42100.5\","
               "\"open\":\"42000\",\"close\":\"42050.5\","
               "\"baseTokenVolume\":\"12.5\",\"usdVolume\":\"9\"}]}"},
              {"Tardis, a line each, stamped at the end", "tardis", "bitmex-XBTUSD",
               "{\"type\":\"trade_bar\",\"symbol\":\"XBTUSD\","
               "\"exchange\":\"bitmex\",\"open\":42000,\"high\":42100.5,"
               "\"low\":41900,\"close\":42050.5,\"volume\":12.5,\"buyVolume\":1,"
               "\"openTimestamp\":\"2024-01-01T00:00:02Z\","
               "\"closeTimestamp\":\"2024-01-01T00:58:20Z\","
               "\"timestamp\":\"2024-01-01T01:00:00Z\"}\n"
               "{\"type\":\"trade_bar\",\"symbol\":\"XBTUSD\","
               "\"exchange\":\"bitmex\",\"open\":42051,\"high\":42300,"
               "\"low\":42040,\"close\":42200,\"volume\":7.25,\"buyVolume\":1,"
               "\"openTimestamp\":\"2024-01-01T01:00:02Z\","
               "\"closeTimestamp\":\"2024-01-01T01:58:20Z\","
               "\"timestamp\":\"2024-01-01T02:00:00Z\"}\n"
               "{\"type\":\"trade_bar\",\"symbol\":\"XBTUSD\","
               "\"exchange\":\"bitmex\",\"open\":42199,\"high\":42210,"
               "\"low\":42000,\"close\":42010,\"volume\":3,\"buyVolume\":1,"
               "\"openTimestamp\":\"2024-01-01T02:00:02Z\","
               "\"closeTimestamp\":\"2024-01-01T02:58:20Z\","
               "\"timestamp\":\"2024-01-01T03:00:00Z\"}"},
              {"BitMEX as CSV, stamped at the end", "bitmex", "XBTUSD",
               "symbol,timestamp,open,high,low,close,trades,volume,vwap,turnover,"
               "homeNotional\n"
               "XBTUSD,2024-01-01T01:00:00.000Z,42000,42100.5,41900,42050.5,9,"
               "12.5,1,9,9\n"
               "XBTUSD,2024-01-01T02:00:00.000Z,42051,42300,42040,42200,9,7.25,1,"
               "9,9\n"
               "XBTUSD,2024-01-01T03:00:00.000Z,42199,42210,42000,42010,9,3,1,9,9"},
              {"CoinAPI: time_open is the first trade", "csv", "",
               "time_period_start;time_period_end;time_open;time_close;price_open;"
               "price_high;price_low;price_close;volume_traded;trades_count\n"
               "2024-01-01T00:00:00.0000000Z;2024-01-01T01:00:00Z;2024-01-01T00:00"
               ":02Z;2024-01-01T00:58:20Z;42000;42100.5;41900;42050.5;12.5;8\n"
               "2024-01-01T01:00:00.0000000Z;2024-01-01T02:00:00Z;2024-01-01T01:00"
               ":02Z;2024-01-01T01:58:20Z;42051;42300;42040;42200;7.25;8\n"
               "2024-01-01T02:00:00.0000000Z;2024-01-01T03:00:00Z;2024-01-01T02:00"
               ":02Z;2024-01-01T02:58:20Z;42199;42210;42000;42010;3;8"},
              {"CoinMarketCap: timestamp is the end", "csv", "",
               "timeOpen;timeClose;timeHigh;timeLow;name;open;high;low;close;volum"
               "e;marketCap;timestamp\n"
               "\"2024-01-01T02:00:00Z\";\"2024-01-01T02:59:59Z\";\"2024-01-01T02:"
               "00:50Z\";\"2024-01-01T02:01:00Z\";2781;42199;42210;42000;42010;3;9"
               ";\"2024-01-01T02:59:59Z\"\n"
               "\"2024-01-01T01:00:00Z\";\"2024-01-01T01:59:59Z\";\"2024-01-01T01:"
               "00:50Z\";\"2024-01-01T01:01:00Z\";2781;42051;42300;42040;42200;7.2"
               "5;9;\"2024-01-01T01:59:59Z\"\n"
               "\"2024-01-01T00:00:00Z\";\"2024-01-01T00:59:59Z\";\"2024-01-01T00:"
               "00:50Z\";\"2024-01-01T00:01:00Z\";2781;42000;42100.5;41900;42050.5"
               ";12.5;9;\"2024-01-01T00:59:59Z\""},
              {"Upbit: timestamp is the last tick", "upbit", "KRW-BTC",
               "[{\"market\":\"KRW-BTC\",\"candle_date_time_utc\":\"2024-01-01T02:"
               "00:00\",\"candle_date_time_kst\":\"2024-01-01T11:00:00\","
               "\"opening_price\":42199,\"high_price\":42210,\"low_price\":42000,"
               "\"trade_price\":42010,\"timestamp\":1704077900000,"
               "\"candle_acc_trade_volume\":3,\"unit\":60},"
               "{\"market\":\"KRW-BTC\",\"candle_date_time_utc\":\"2024-01-01T01:0"
               "0:00\",\"candle_date_time_kst\":\"2024-01-01T10:00:00\","
               "\"opening_price\":42051,\"high_price\":42300,\"low_price\":42040,"
               "\"trade_price\":42200,\"timestamp\":1704074300000,"
               "\"candle_acc_trade_volume\":7.25,\"unit\":60},"
               "{\"market\":\"KRW-BTC\",\"candle_date_time_utc\":\"2024-01-01T00:0"
               "0:00\",\"candle_date_time_kst\":\"2024-01-01T09:00:00\","
               "\"opening_price\":42000,\"high_price\":42100.5,"
               "\"low_price\":41900,\"trade_price\":42050.5,"
               "\"timestamp\":1704070700000,\"candle_acc_trade_volume\":12.5,"
               "\"unit\":60}]"},
              {"CCXT", "ohlcv", "",
               "[[1704067200000,42000,42100.5,41900,42050.5,12.5],[1704070800000,"
               "42051,42300,42040,42200,7.25],[1704074400000,42199,42210,42000,"
               "42010,3]]"},
              {"CCXT as bare columns in ns", "ohlcv", "",
               "1704067200000000000,42000,42100.5,41900,42050.5,12.5\n"
               "1704070800000000000,42051,42300,42040,42200,7.25\n"
               "1704074400000000000,42199,42210,42000,42010,3"},
              {"Polygon", "json", "",
               "{\"results\":[{\"v\":12.5,\"vw\":1,\"o\":42000,\"c\":42050.5,"
               "\"h\":42100.5,\"l\":41900,\"t\":1704067200000,\"n\":5},"
               "{\"v\":7.25,\"vw\":1,\"o\":42051,\"c\":42200,\"h\":42300,"
               "\"l\":42040,\"t\":1704070800000,\"n\":5},{\"v\":3,\"vw\":1,"
               "\"o\":42199,\"c\":42010,\"h\":42210,\"l\":42000,"
               "\"t\":1704074400000,\"n\":5}],\"status\":\"OK\"}"},
              {"CryptoCompare", "json", "",
               "{\"Type\":100,\"Data\":{\"TimeFrom\":1,\"Data\":[{\"time\":1704067"
               "200,\"high\":42100.5,\"low\":41900,\"open\":42000,"
               "\"volumefrom\":12.5,\"volumeto\":9,\"close\":42050.5},"
               "{\"time\":1704070800,\"high\":42300,\"low\":42040,\"open\":42051,"
               "\"volumefrom\":7.25,\"volumeto\":9,\"close\":42200},"
               "{\"time\":1704074400,\"high\":42210,\"low\":42000,\"open\":42199,"
               "\"volumefrom\":3,\"volumeto\":9,\"close\":42010}]}}"},
              {"Coin Metrics", "csv", "okex-btc",
               "market,time,price_open,price_close,price_high,price_low,vwap,"
               "volume\n"
               "okex-btc,2024-01-01T00:00:00.000000000Z,42000,42050.5,42100.5,"
               "41900,1,12.5\n"
               "okex-btc,2024-01-01T01:00:00.000000000Z,42051,42200,42300,42040,1,"
               "7.25\n"
               "okex-btc,2024-01-01T02:00:00.000000000Z,42199,42010,42210,42000,1,"
               "3"},
              {"Dukascopy", "csv", "",
               "Gmt time,Open,High,Low,Close,Volume\n"
               "01.01.2024 00:00:00.000,42000,42100.5,41900,42050.5,12.5\n"
               "01.01.2024 01:00:00.000,42051,42300,42040,42200,7.25\n"
               "01.01.2024 02:00:00.000,42199,42210,42000,42010,3"},
              {"Stooq, date and time in two columns", "csv", "BTCUSD",
               "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,"
               "<OPENINT>\n"
               "BTCUSD,60,20240101,000000,42000,42100.5,41900,42050.5,12.5,0\n"
               "BTCUSD,60,20240101,010000,42051,42300,42040,42200,7.25,0\n"
               "BTCUSD,60,20240101,020000,42199,42210,42000,42010,3,0"},
              {"with an offset, a mark at the start and CRLF", "csv", "",
               "\xef\xbb\xbf"
               "time,open,high,low,close,volume\r\n"
               "2024-01-01T02:00:00+02:00,42000,42100.5,41900,42050.5,12.5\r\n"
               "2024-01-01T03:00:00+02:00,42051,42300,42040,42200,7.25\r\n"
               "2024-01-01T04:00:00+02:00,42199,42210,42000,42010,3"}};

enum { N_SAMPLES = sizeof sample / sizeof *sample };

/* Of the row that starts then; the vendor may stamp its end. */
static const struct bar *true_bar(const struct format *format, int64_t time)
{
    if (format->marks & FORMAT_END_STAMPED)
        time -= CLOCK_HOUR;
    for (size_t t = 0; t < N_TRUTH; t++)
        if (truth[t].time == time)
            return &truth[t];
    return NULL;
}

static void check_sample(size_t i, const char *name)
{
    const struct read_wish wish = {.name = name};
    struct rows rows = {.n = 0};
    struct read_choice choice;
    struct err err = {0};

    if (read_rows(sample[i].text, strlen(sample[i].text), &wish, &rows, &choice, &err))
        printf("%s: %s\n", sample[i].vendor, err.text);
    CU_ASSERT_STRING_EQUAL_FATAL(err.text, "");
    CU_ASSERT_STRING_EQUAL(choice.format->name, sample[i].format);
    CU_ASSERT_EQUAL(rows.n, N_TRUTH);
    CU_ASSERT_EQUAL(rows.n_rejected, 0);
    for (size_t r = 0; r < rows.n; r++) {
        const struct bar *bar = &rows.row[r].bar;
        const struct bar *want = true_bar(choice.format, bar->time);

        if (want == NULL || bar->open != want->open || bar->high != want->high ||
            bar->low != want->low || bar->close != want->close ||
            bar->volume != want->volume)
            printf("%s: row %zu is another bar\n", sample[i].vendor, r);
        CU_ASSERT_PTR_NOT_NULL_FATAL(want);
        CU_ASSERT(bar->open == want->open && bar->close == want->close);
        CU_ASSERT(bar->high == want->high && bar->low == want->low);
        CU_ASSERT(bar->volume == want->volume);
        CU_ASSERT_STRING_EQUAL(rows.symbol[rows.row[r].symbol], sample[i].symbol);
    }
    rows_free(&rows);
}

static void every_vendor_is_recognised_and_read_right(void)
{
    for (size_t i = 0; i < N_SAMPLES; i++)
        check_sample(i, NULL);
}

static void every_vendor_is_read_right_under_its_name(void)
{
    for (size_t i = 0; i < N_SAMPLES; i++)
        check_sample(i, sample[i].format);
}

int main(void)
{
    CU_TestInfo vendors[] = {
        {"every_vendor_is_recognised_and_read_right",
         every_vendor_is_recognised_and_read_right},
        {"every_vendor_is_read_right_under_its_name",
         every_vendor_is_read_right_under_its_name},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"vendors", NULL, NULL, NULL, NULL, vendors},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
