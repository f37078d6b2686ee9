/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "codec/charset.h"
#include "conf/conf_priv.h"
#include "util/addr.h"

#define HEAD     "[device]\nid = 34020000001320000001\n"
#define PLATFORM "[platform main]\nserver = 127.0.0.1:5060\nid = 34020000002000000001\npassword = 12345678\n"
#define CHANNEL  "[channel 34020000001310000001]\nname = 大门\nsource = sim:\n"
#define MINIMAL  HEAD PLATFORM CHANNEL

static char messages[16384];

/* Parses text as the file "t", with its messages in `messages`. */
static int read_bytes(const char *text, size_t len, struct conf **out)
{
    FILE *in = fmemopen((void *)(uintptr_t)text, len ? len : 1, "r");
    FILE *errors = fmemopen(messages, sizeof(messages), "w");
    int err;

    memset(messages, 0, sizeof(messages));
    assert_non_null(in);
    assert_non_null(errors);
    if (!len)
        getc(in);
    err = conf_read("t", in, errors, out);
    fclose(in);
    fclose(errors);
    return err;
}

static int read_text(const char *text, struct conf **out)
{
    return read_bytes(text, strlen(text), out);
}

static struct conf *good(const char *text)
{
    struct conf *c = NULL;
    int err = read_text(text, &c);

    if (err)
        fail_msg("%s", messages);
    assert_non_null(c);
    return c;
}

static void bad(const char *text, const char *message)
{
    struct conf *c = NULL;

    assert_int_equal(read_text(text, &c), -EINVAL);
    assert_null(c);
    if (!strstr(messages, message))
        fail_msg("expected \"%s\" in: %s", message, messages);
}

static void test_minimal(void **state)
{
    struct conf *c = good(MINIMAL);
    const struct agent_config *a = &c->platform[0].agent;

    (void)state;
    assert_string_equal(messages, "");
    assert_string_equal(c->device.id, "34020000001320000001");
    assert_string_equal(c->device.name, "IPC");
    assert_false(c->device.catalog_self);
    assert_int_equal(c->utc_offset_s, 28800);
    assert_false(c->utc_offset_system);
    assert_int_equal(c->nplatforms, 1);
    assert_string_equal(a->name, "main");
    assert_string_equal(a->server_host, "127.0.0.1");
    assert_string_equal(c->platform[0].server_host, "127.0.0.1");
    assert_int_equal(c->platform[0].server_port, 5060);
    assert_int_equal(c->platform[0].local_port, 0);
    assert_string_equal(a->server_id, "34020000002000000001");
    assert_string_equal(a->password, "12345678");
    assert_string_equal(a->domain, "");
    assert_int_equal(a->transport, SIP_UDP);
    assert_int_equal(a->expires_s, 86400);
    assert_int_equal(a->keepalive_interval_s, 60);
    assert_int_equal(a->keepalive_count, 3);
    assert_int_equal(a->edition, GB_2016);
    assert_int_equal(a->charset, CHARSET_GB2312);
    assert_int_equal(a->time_sync, AGENT_TIME_EVENT);
    assert_false(a->ptz_deny);
    assert_int_equal(a->alarm_latch_s, AGENT_LATCH_OFF);
    assert_int_equal(a->alarm_interval_s, 5);
    assert_int_equal(a->max_per_channel, 4);
    assert_int_equal(a->public_address.family, ADDR_NONE);
    assert_int_equal(c->device.nitems, 1);
    assert_ptr_equal(c->device.item, c->item);
    assert_string_equal(c->item[0].name, "大门");
    assert_string_equal(c->channel[0].source, "sim:");
    assert_false(c->item[0].has_position);
    assert_int_equal(c->media.max_sessions, 32);
    assert_true(c->media.pacing);
    assert_int_equal(c->log_level, LOG_L_INFO);
    assert_string_equal(c->log_target, "stderr");
    assert_string_equal(c->control_socket, GBAGENT_RUNDIR "/gbagent.sock");
    conf_free(c);
}

static void test_everything(void **state)
{
    struct conf *c = good(
        "\xef\xbb\xbf# a comment\r\n[device]\r\nid=34020000001320000001\r\nname = 一号机\r\ntimezone = -03:30\r\n"
        "catalog_self = yes\r\n[platform a.b]\nserver = [2001:db8::1]:15060\nid = 34020000002000000001\n"
        "transport = TCP\nversion = 2022\nallow = 10.0.0.0/8, 192.168.1.7 172.16.0.0/12\nallow_any_port = on\n"
        "ptz = deny\npublic_address = 1.2.3.4:5061\ncontrol_deny = teleboot,  formatsdcard,deviceconfig ptz\n"
        "control_interval = 7\nconfig_interval = 8\nptz_timeout = 9\nmedia_address = 1.2.3.5\ninterface = eth0\n"
        "alarm_latch = strict\nusername = u\ndomain = 3402000000\npassword = \" a;b #c ;d \"\nnote_digest = sha256\n"
        "note_seed = n s\nnote_window = 60\n[platform b]\nserver = sip.example.org\nid = 34020000002000000002\n"
        "charset = UTF-8\nversion = 2011\nalarm_latch = 30\npassword = x;y#z\n"
        "[channel 34020000001310000001]\nsource = sim:/a b.h264\nfps = 25\nlongitude = -116.25\nlatitude = 39.5\n"
        "ptz_type = 1\n  ; an indented comment\n"
        "source1 = sim:/sub 1.h265\nsource3 = sim:/sub3.h264\naudio = sim:tone\n"
        "[alarm 34020000001340000001]\nname = door\n"
        "[channel 34020000001310000002]\nsource = sim:\n"
        "[media]\nport_min = 20000\nport_max = 20099\nmax_per_channel = 7\npacing = off\nmedia_allow = 127.0.0.0/8\n"
        "[control]\nsocket = /tmp/s\n[log]\nlevel = trace\ntarget = /var/log/gbagent.log\n");
    const struct conf_platform *a = &c->platform[0], *b = &c->platform[1];
    char text[ADDR_TEXT_MAX];

    (void)state;
    assert_string_equal(messages, "");
    assert_string_equal(c->device.name, "一号机");
    assert_int_equal(c->utc_offset_s, -(3 * 3600 + 1800));
    assert_true(c->device.catalog_self);
    assert_int_equal(c->nplatforms, 2);
    assert_string_equal(a->server_host, "2001:db8::1");
    assert_int_equal(a->server_port, 15060);
    assert_int_equal(a->agent.transport, SIP_TCP);
    assert_int_equal(a->agent.charset, CHARSET_GB18030);
    assert_true(a->agent.charset_by_edition && !b->agent.charset_by_edition);
    assert_int_equal(a->agent.server_port, 15060);
    assert_int_equal(a->agent.note_digest, AGENT_NOTE_SHA256);
    assert_string_equal(a->agent.note_seed, "n s");
    assert_int_equal(a->agent.note_window_s, 60);
    assert_int_equal(b->agent.note_digest, AGENT_NOTE_OFF);
    assert_int_equal(b->agent.note_window_s, 600);
    assert_int_equal(a->agent.nallow, 3);
    assert_int_equal(a->agent.allow[2].bits, 12);
    assert_true(a->agent.any_port && a->agent.ptz_deny);
    addr_print(&a->agent.public_address, text);
    assert_string_equal(text, "1.2.3.4:5061");
    assert_string_equal(a->interface, "eth0");
    assert_int_equal(a->agent.alarm_latch_s, AGENT_LATCH_STRICT);
    assert_int_equal(a->agent.control_deny, 1u << GB_CONTROL_REBOOT | 1u << GB_CONTROL_FORMAT | 1u << GB_CONTROL_PTZ);
    assert_true(a->agent.config_deny);
    assert_int_equal(a->agent.control_interval_s, 7);
    assert_int_equal(a->agent.config_interval_s, 8);
    assert_int_equal(a->agent.ptz_timeout_s, 9);
    assert_string_equal(a->agent.password, " a;b #c ;d ");
    assert_int_equal(a->agent.max_per_channel, 7);
    assert_int_equal(a->agent.nmedia_allow, 1);
    assert_string_equal(b->server_host, "sip.example.org");
    assert_int_equal(b->server_port, 5060);
    assert_int_equal(b->agent.charset, CHARSET_UTF8);
    assert_int_equal(b->agent.alarm_latch_s, 30);
    assert_string_equal(b->agent.password, "x;y#z");
    assert_int_equal(c->device.nitems, 3);
    assert_int_equal(c->item[1].kind, DEVICE_ALARM_INPUT);
    assert_string_equal(c->channel[1].source, "");
    assert_string_equal(c->channel[2].id, "34020000001310000002");
    assert_string_equal(c->item[2].name, "34020000001310000002");
    assert_true(c->item[0].has_position);
    assert_true(c->item[0].longitude == -116.25 && c->item[0].latitude == 39.5);
    assert_int_equal(c->item[0].ptz_type, 1);
    assert_string_equal(c->channel[0].source, "sim:/a b.h264");
    assert_string_equal(c->channel[0].substream[0], "sim:/sub 1.h265");
    assert_string_equal(c->channel[0].substream[1], "");
    assert_string_equal(c->channel[0].substream[2], "sim:/sub3.h264");
    assert_string_equal(c->channel[0].audio, "sim:tone");
    assert_string_equal(c->channel[2].audio, "");
    assert_int_equal(c->media.port_max, 20099);
    assert_false(c->media.pacing);
    assert_int_equal(c->log_level, LOG_L_TRACE);
    conf_free(c);
}

static void test_value_errors(void **state)
{
    static const struct {
        const char *line, *message;
    } keys[] = {
        { "expires = 59", "t:7: expires: expected number from 60 to 31536000, not \"59\"" },
        { "expires = -1", "t:7: expires:" },
        { "expires = 1e3", "t:7: expires:" },
        { "expires = 99999999999999999999", "t:7: expires:" },
        { "keepalive_interval = 0", "t:7: keepalive_interval: expected number from 1 to 3600" },
        { "transport = sctp", "t:7: transport: expected udp or tcp, not \"sctp\"" },
        { "version = 2018", "t:7: version: expected 2011, 2016 or 2022" },
        { "charset = big5", "t:7: charset: expected gb2312" },
        { "note_digest = sm3", "t:7: note_digest: expected off, md5, sha1 or sha256" },
        { "note_digest = md5", "t:7: note_digest: requires note_seed" },
        { "note_window = 9", "t:7: note_window: expected number from 10 to 86400" },
        { "allow = 10.0.0.0/33", "t:7: allow: expected at most 16 addresses" },
        { "allow = 10.0.0.1/8", "t:7: allow:" },
        { "allow = 1.1.1.1 2 3", "t:7: allow:" },
        { "allow = 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 "
          "1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1",
          "t:7: allow:" },
        { "allow_any_port = maybe", "t:7: allow_any_port: expected yes or no" },
        { "public_address = 0.0.0.0", "t:7: public_address: expected IP address, or IP address:port" },
        { "public_address = 239.1.1.1", "t:7: public_address:" },
        { "media_address = 1.2.3.4:5", "t:7: media_address: expected IP address, not" },
        { "interface = 10.0.0.256", "t:7: interface: expected a name or an IP address, not \"10.0.0.256\"" },
        { "interface = a b", "t:7: interface: expected text of at most 15 bytes without blanks" },
        { "interface = abcdefghijklmnop", "t:7: interface:" },
        { "local_port = 65536", "t:7: local_port:" },
        { "alarm_latch = sometimes", "t:7: alarm_latch: expected off, strict, or seconds" },
        { "control_deny = teleboot nothing",
          "t:7: control_deny: expected empty, or a list of ptz, iframe, teleboot, record, guard, "
          "alarmreset, dragzoom, homeposition, ptzprecise, formatsdcard, targettrack, "
          "deviceupgrade, deviceconfig, not" },
        { "ptz_timeout = 86401", "t:7: ptz_timeout: expected number from 0 to 86400" },
        { "nonsense = 1", "t:7: nonsense: unknown key in [platform]" },
        { "password = 2", "t:7: password: duplicate of line 6" },
    };
    char text[1024];

    (void)state;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        snprintf(text, sizeof(text), HEAD PLATFORM "%s\n" CHANNEL, keys[i].line);
        bad(text, keys[i].message);
    }
    for (size_t i = 0; i < 11; i++) {
        static const char *const server[] = {
            "",     "a:0",       "a:99999", "a b", "[::1", "host/5060", "192.168.1.300", "192.168.1.300:5060",
            "10.1", "1.2.3.4.5", "5060",
        };

        snprintf(text, sizeof(text), HEAD "[platform m]\nid = 34020000002000000001\nserver = %s\n" CHANNEL, server[i]);
        bad(text, "t:5: server: expected HOST or HOST:PORT");
    }
    for (size_t i = 0; i < 5; i++) {
        static const char *const zone[] = { "8", "+8:00", "+15:00", "+08:60", "Asia/Shanghai" };

        snprintf(text, sizeof(text), HEAD "timezone = %s\n" PLATFORM CHANNEL, zone[i]);
        bad(text, "t:3: timezone: expected +hh:mm, -hh:mm or local");
    }
    for (size_t i = 0; i < 6; i++) {
        static const char *const degrees[] = { "181", "-180.1", "1e2", "nan", ".", "0x10" };

        snprintf(text, sizeof(text), MINIMAL "latitude = 1\nlongitude = %s\n", degrees[i]);
        bad(text, "t:11: longitude: expected degrees from -180 to 180");
    }
    bad(HEAD PLATFORM "[channel 34020000001310000001]\nsource = nosuch:\n",
        "t:8: source: expected a board of this build (");
    bad(HEAD PLATFORM "[channel 34020000001310000001]\nsource = sim\n", "t:8: source: expected BOARD:TEXT");
    bad(MINIMAL "source1 = nosuch:\n", "t:10: source1: expected a board of this build (");
    bad(MINIMAL "audio = tone\n", "t:10: audio: expected BOARD:TEXT");
    bad(MINIMAL "1source = sim:\n", "t:10: invalid key, expected letters");
    bad(MINIMAL "[control]\nsocket = gbagent.sock\n", "socket: expected absolute path of at most");
    bad(MINIMAL "[log]\nlevel = loud\n", "t:11: level: expected error, warn, info, debug or trace");
    bad(MINIMAL "[log]\ntarget = nowhere\n", "target: expected stderr, syslog, or an absolute path");
}

static void test_section_errors(void **state)
{
    (void)state;
    bad("", "t: missing section [device]");
    bad(HEAD CHANNEL, "t: missing section [platform NAME], at least one is required");
    bad(HEAD PLATFORM, "t: missing section [channel ID], at least one is required");
    bad(HEAD PLATFORM "[alarm 34020000001340000001]\n", "t: missing section [channel ID], at least one is required");
    bad("id = 1\n" MINIMAL, "t:1: id: expected a [section] before the first key");
    bad(MINIMAL "[chanel 34020000001310000002]\nfoo = 1\n",
        "t:10: [chanel 34020000001310000002]: unknown section, expected device, platform NAME, "
        "channel ID, alarm ID, audio ID, media, control, http, log or board NAME\n");
    bad(MINIMAL HEAD, "t:10: [device]: duplicate of line 1");
    bad(MINIMAL PLATFORM, "t:10: [platform main]: duplicate section");
    bad(MINIMAL CHANNEL, "t:10: [channel 34020000001310000001]: duplicate section");
    bad(MINIMAL "[device x]\n", "t:10: expected [device] without a name");
    bad(MINIMAL "[platform]\n", "t:10: expected [platform NAME]");
    bad(MINIMAL "[channel 3402]\n", "t:10: [channel 3402]: expected 20 digits");
    bad(MINIMAL "[device\n", "t:10: expected [section] or [section NAME] and nothing after it");
    bad(MINIMAL "[log] level = info\n", "t:10: expected [section]");
    bad("[device]\n" PLATFORM CHANNEL, "t:1: id: missing, expected 20 digits");
    bad(HEAD "[platform x]\nid = 34020000002000000001\n" CHANNEL,
        "t:3: server: missing, expected HOST or HOST:PORT, where HOST is a name, an IPv4 address (four numbers up to "
        "255) or [IPv6]");
    bad(HEAD PLATFORM "[channel 34020000001310000001]\n", "t:7: source: missing, expected BOARD:TEXT");
    bad(MINIMAL "source2 = template:\n", "t:10: source2: expected the same board as source, \"sim\"");
    bad(MINIMAL "owner = x\naudio = template:mic\n", "t:11: audio: expected the same board as source, \"sim\"");
    bad(MINIMAL "ip_address = 192.168.1.300\n", "t:10: ip_address: expected an IP address, not \"192.168.1.300\"");
    bad(MINIMAL "longitude = 1\n", "t:7: longitude, latitude: expected both or none");
    bad(MINIMAL "[media]\nport_min = 2000\n", "t:11: port_min, port_max: expected both or none");
    bad(MINIMAL "[media]\nport_min = 2000\nport_max = 1999\n", "t:11: port_min: greater than port_max (1999)");
    bad(MINIMAL "[media]\nport_min = 80\nport_max = 1999\n", "t:11: port_min: expected number from 1024");
    /* All errors are reported, not only the first. */
    bad(HEAD "[platform x]\nid = 1\nserver = :\n", "t:4: id:");
    assert_non_null(strstr(messages, "t:5: server:"));
    assert_non_null(strstr(messages, "t: missing section [channel ID], at least one is required"));
}

/* Lines that inih would accept with another meaning. */
static void test_line_errors(void **state)
{
    char text[2048], junk[300];

    (void)state;
    bad(HEAD PLATFORM " expires = 3600\n" CHANNEL, "t:7: expected no blanks before a key");
    bad(MINIMAL "\t[log]\n", "t:10: expected no blanks before a key or a [section]");
    bad(MINIMAL "address = a ; b\n", "t:10: address: quote a value with");
    bad(MINIMAL "address = a #b\n", "t:10: address: quote a value with");
    bad(MINIMAL "address = \"a\n", "t:10: address: expected a closing \"");
    bad(MINIMAL "address: a\n", "t:10: expected \"key = value\"");
    bad(MINIMAL "address\n", "t:10: expected \"key = value\"");
    bad(MINIMAL "= a\n", "t:10: expected \"key = value\"");
    bad(MINIMAL "Address = a\n", "t:10: invalid key, expected letters");
    bad(MINIMAL "address = a\001b\n", "t:10: expected text without control characters");
    bad(MINIMAL "address = \xb4\xf3\xc3\xc5\n", "t:10: expected UTF-8");
    memset(junk, 'a', sizeof(junk));
    junk[sizeof(junk) - 1] = '\0';
    snprintf(text, sizeof(text), MINIMAL "address = %s\n", junk);
    bad(text, "t:10: expected a line of at most 199 bytes");
    snprintf(text, sizeof(text), MINIMAL "[platform %.60s]\n", junk);
    bad(text, "t:10: expected a section name of at most 49 bytes");
    snprintf(text, sizeof(text), MINIMAL "# %s\n", junk);
    conf_free(good(text));
    snprintf(text, sizeof(text), MINIMAL "address = %.127s\n", junk);
    conf_free(good(text));
    snprintf(text, sizeof(text), MINIMAL "address = %.128s\n", junk);
    bad(text, "t:10: address: expected text of at most 127 bytes");
}

static void test_line_limit(void **state)
{
    char text[1024];
    struct conf *c = NULL;

    (void)state;
    /* A line of exactly 199 bytes at the end of the file, without newline, and one of 200. */
    snprintf(text, sizeof(text), HEAD PLATFORM "[channel 34020000001310000001]\nsource = sim:%0186d", 7);
    c = good(text);
    assert_int_equal(strlen(c->channel[0].source), 190);
    assert_int_equal(c->channel[0].source[189], '7');
    conf_free(c);
    snprintf(text, sizeof(text), HEAD PLATFORM "[channel 34020000001310000001]\nsource = sim:%0187d\n", 7);
    bad(text, "t:8: expected a line of at most 199 bytes");
    /* A NUL in the middle of a line. */
    memcpy(text, MINIMAL "address = a\0b\n", sizeof(MINIMAL "address = a\0b\n"));
    assert_int_equal(read_bytes(text, sizeof(MINIMAL "address = a\0b\n") - 1, &c), -EINVAL);
    assert_non_null(strstr(messages, "t:10: expected"));
    /* Too many errors. */
    for (size_t i = 0; i < 500; i++)
        memcpy(text + i * 2, "x\n", 2);
    assert_int_equal(read_bytes(text, 1000, &c), -EINVAL);
    assert_non_null(strstr(messages, "too many errors"));
}

static void test_warnings(void **state)
{
    struct conf *c;

    (void)state;
    c = good(HEAD PLATFORM "expires = 60\n[channel 340200000013100000012]\nsource = sim:\n");
    assert_non_null(strstr(messages, "warning: t:7: expires:"));
    assert_non_null(strstr(messages, "warning: t:8: [channel 340200000013100000012]: 21 digits"));
    assert_string_equal(c->item[0].id, "340200000013100000012");
    conf_free(c);
    c = good("[device]\nid = 34020000002000000009\n" PLATFORM CHANNEL);
    assert_non_null(strstr(messages, "warning: t:2: id: digits 11 to 13 are 200, the type of a platform"));
    conf_free(c);
    c = good(PLATFORM CHANNEL "[device]\nid = 34020000002000000001\n");
    assert_non_null(strstr(messages, "warning: t:3: id: same as the ID of the device"));
    conf_free(c);
    c = good(MINIMAL);
    assert_string_equal(messages, "");
    conf_free(c);
    c = good(MINIMAL "[alarm 34020000001310000009]\n[media]\nport_min = 2000\nport_max = 2001\n");
    assert_non_null(strstr(messages, "warning: t:10: [alarm 34020000001310000009]:"));
    assert_non_null(strstr(messages, "warning: t:12: port_min"));
    conf_free(c);
}

static void test_password_is_not_echoed(void **state)
{
    char text[1024];

    (void)state;
    bad(HEAD "[platform m]\nserver = a\nid = 34020000002000000001\npassword = \"s3cret\n" CHANNEL, "t:6: password:");
    assert_null(strstr(messages, "s3cret"));
    snprintf(text, sizeof(text),
             HEAD "[platform m]\nserver = a\nid = 34020000002000000001\npassword = s3cret%0150d\n" CHANNEL, 1);
    bad(text, "t:6: password: expected text of at most 127 bytes");
    assert_null(strstr(messages, "s3cret"));
    bad(HEAD "[platform m]\nserver = a\nid = 34020000002000000001\npassword = s3cret ;x\n" CHANNEL, "t:6: password:");
    assert_null(strstr(messages, "s3cret"));
}

static void test_file(void **state)
{
    char path[] = "/tmp/test_conf.XXXXXX";
    FILE *errors = fmemopen(messages, sizeof(messages), "w");
    int fd = mkstemp(path);
    struct conf *c = NULL;

    (void)state;
    memset(messages, 0, sizeof(messages));
    assert_true(fd >= 0);
    assert_int_equal(write(fd, MINIMAL, strlen(MINIMAL)), strlen(MINIMAL));
    assert_int_equal(conf_load(path, errors, &c), 0);
    conf_free(c);
    fflush(errors);
    assert_string_equal(messages, "");
    fchmod(fd, 0640);
    assert_int_equal(conf_load(path, errors, &c), 0);
    conf_free(c);
    fflush(errors);
    assert_non_null(strstr(messages, "warning: /tmp/test_conf."));
    close(fd);
    unlink(path);
    assert_int_equal(conf_load(path, errors, &c), -ENOENT);
    assert_null(c);
    fclose(errors);
    assert_non_null(strstr(messages, "No such file"));
    assert_int_equal(conf_load("/", NULL, &c), -EISDIR);
}

/* The output of a print function. */
static char *printed(void (*print)(FILE *out, enum conf_lang lang), enum conf_lang lang, size_t *len)
{
    char *text = NULL;
    FILE *f = open_memstream(&text, len);

    assert_non_null(f);
    print(f, lang);
    fclose(f);
    return text;
}

static void example_loads(enum conf_lang lang)
{
    struct conf *minimal = good(MINIMAL), *c;
    size_t len, n = 0;
    char *text = printed(conf_print_example, lang, &len);
    char *active = malloc(len + 1);

    c = good(text);
    assert_string_equal(messages, "");
    assert_memory_equal(&c->platform[0], &minimal->platform[0], sizeof(c->platform[0]));
    assert_memory_equal(&c->item[0], &minimal->item[0], sizeof(c->item[0]));
    assert_memory_equal(&c->media, &minimal->media, sizeof(c->media));
    conf_free(c);
    /* It means the same with every key uncommented. */
    for (size_t i = 0; i < len; i++)
        if (!(text[i] == '#' && text[i + 1] != ' ' && (!i || text[i - 1] == '\n')))
            active[n++] = text[i];
    active[n] = '\0';
    c = good(active);
    assert_memory_equal(&c->platform[0], &minimal->platform[0], sizeof(c->platform[0]));
    assert_memory_equal(&c->media, &minimal->media, sizeof(c->media));
    assert_int_equal(c->device.nitems, 3);
    conf_free(c);
    conf_free(minimal);
    free(active);
    free(text);
}

static void test_example_loads(void **state)
{
    (void)state;
    example_loads(CONF_EN);
    example_loads(CONF_ZH);
}

static bool is_chinese(const char *text)
{
    return text && strstr(text, "。") && !strstr(text, ", ") && !strstr(text, ". ");
}

/* A row without Chinese help does not compile; this finds English text used instead. */
static void test_chinese_help(void **state)
{
    (void)state;
#ifndef GBAGENT_ZH
    skip_because("built with WITH_ZH=0");
    return;
#endif
    for (unsigned i = 0; i < CONF_SECTIONS; i++)
        if (!is_chinese(conf_section_table[i].help[CONF_ZH]))
            fail_msg("[%s] has no Chinese help", conf_section_table[i].name);
    for (size_t i = 0; i < conf_key_count; i++)
        if (!is_chinese(conf_key_table[i].help[CONF_ZH]))
            fail_msg("%s has no Chinese help", conf_key_table[i].key);
    for (unsigned i = 0; board_table[i]; i++) {
        const struct board_ops *ops = board_table[i];

        for (unsigned j = 0; j < ops->nkeys; j++)
            if (!is_chinese(ops->key[j].help_zh))
                fail_msg("%s of the board %s has no Chinese help", ops->key[j].key, ops->name);
        if ((ops->source_text && !is_chinese(ops->source_text->help_zh)) ||
            (ops->audio_text && !is_chinese(ops->audio_text->help_zh)))
            fail_msg("source or audio of the board %s has no Chinese help", ops->name);
    }
}

/* Chinese comments are broken between characters, but not before closing punctuation. */
static void test_chinese_lines(void **state)
{
    static const char closing[] = "，。；：、）";
    size_t len, longest = 0;
    char *text = printed(conf_print_example, CONF_ZH, &len);

    (void)state;
#ifndef GBAGENT_ZH
    free(text);
    skip_because("built with WITH_ZH=0");
    return;
#endif
    for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
        size_t columns = 0;

        *end = '\0';
        assert_true(charset_utf8_valid(span_of(line)));
        for (const char *p = line; *p; p++)
            columns += (unsigned char)*p < 0x80 ? 1 : (unsigned char)*p >= 0xe0 ? 2 : 0;
        longest = columns > longest ? columns : longest;
        for (size_t i = 0; strlen(line) > 4 && i < sizeof(closing) - 1; i += 3)
            assert_memory_not_equal(line + 2, &closing[i], 3);
    }
    assert_in_range(longest, 110, 112);
    free(text);
}

/* The files in packaging/ are the output for the table. GBAGENT_REGENERATE=1 rewrites them. */
static void compare(const char *path, const char *text, size_t len, const char *from, const char *to)
{
    char *file = calloc(1, 1 << 17);
    char *begin, *end;
    FILE *f = fopen(path, "r");
    size_t n;

    if (!f) {
        free(file);
        skip_because("packaging/gbagent.conf is not here");
        return;
    }
    n = fread(file, 1, (1 << 17) - 1, f);
    fclose(f);
    begin = from ? strstr(file, from) : file;
    assert_non_null(begin);
    begin += from ? strlen(from) : 0;
    end = to ? strstr(begin, to) : file + n;
    assert_non_null(end);
    if (getenv("GBAGENT_REGENERATE")) {
        f = fopen(path, "w");
        assert_non_null(f);
        fwrite(file, 1, (size_t)(begin - file), f);
        fwrite(text, 1, len, f);
        fwrite(end, 1, strlen(end), f);
        fclose(f);
    } else {
        if ((size_t)(end - begin) != len || memcmp(begin, text, len))
            fail_msg("%s is out of date: run GBAGENT_REGENERATE=1 build/tests/test_conf", path);
    }
    free(file);
}

static void test_packaged(void **state)
{
    size_t len;
    char *text;

    (void)state;
    if (strcmp(GBAGENT_RUNDIR, "/run")) {
        skip_because("built for other folders");
        return;
    }
    text = printed(conf_print_example, CONF_EN, &len);
    compare("packaging/gbagent.conf", text, len, NULL, NULL);
    free(text);
    text = printed(conf_print_man, CONF_EN, &len);
    compare("packaging/man/gbagent.conf.5", text, len, ".\\\" keys: begin\n", ".\\\" keys: end\n");
    free(text);
#ifdef GBAGENT_ZH
    text = printed(conf_print_man, CONF_ZH, &len);
    compare("packaging/man/zh_CN/gbagent.conf.5", text, len, ".\\\" keys: begin\n", ".\\\" keys: end\n");
    free(text);
#endif
}

static bool load_once(void *ctx)
{
    struct conf *c = NULL;
    int err = read_text(ctx, &c);

    if (err)
        assert_int_equal(err, -ENOMEM);
    conf_free(c);
    return !err;
}

static void test_no_memory(void **state)
{
    /* Enough sections to make the arrays grow. Allocations inside libc for streams are not tested. */
    char text[2048] = MINIMAL;

    (void)state;
    for (int i = 2; i < 12; i++) {
        size_t n = strlen(text);

        snprintf(text + n, sizeof(text) - n, "[channel 3402000000131%07d]\nsource = sim:\n", i);
    }
    oom_ladder(load_once, text, 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_minimal),      cmocka_unit_test(test_everything),
        cmocka_unit_test(test_value_errors), cmocka_unit_test(test_section_errors),
        cmocka_unit_test(test_line_errors),  cmocka_unit_test(test_line_limit),
        cmocka_unit_test(test_warnings),     cmocka_unit_test(test_password_is_not_echoed),
        cmocka_unit_test(test_file),         cmocka_unit_test(test_example_loads),
        cmocka_unit_test(test_chinese_help), cmocka_unit_test(test_chinese_lines),
        cmocka_unit_test(test_packaged),     cmocka_unit_test(test_no_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
