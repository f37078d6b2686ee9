/* SPDX-License-Identifier: MIT */
#include "http/upgrade.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "manscdp/upgrade.h"
#include "util/log.h"

/* Keys in the scope of the platform. The state: downloading, writing, failed-NN. */
#define KEY_SESSION  "upgrade_session"
#define KEY_FIRMWARE "upgrade_firmware"
#define KEY_STATE    "upgrade_state"
#define DOWNLOADING  "downloading"
#define WRITING      "writing"
#define FAILED       "failed-"

enum upgrade_stage { STAGE_IDLE, STAGE_DOWNLOAD, STAGE_WRITE };

/* A result sent and not yet confirmed. */
struct upgrade_report {
    const struct agent *agent; /* NULL: free */
    uint32_t token;
};

struct upgrade {
    struct upgrade_config cfg;
    struct http_conf conf;
    enum upgrade_stage stage;
    struct agent *agent; /* that sent the command; NULL: freed */
    char scope[SETTINGS_SCOPE_MAX], platform[48];
    char firmware[64], session[GB_SESSION_ID_SIZE];
    char path[256];
    int fd;
    struct http_request *download;
    struct loop_timer deferred;
    struct agent *deferred_agent; /* gets a result in the next turn, after the response to the command */
    struct upgrade_report report[UPGRADE_REPORTS_MAX];
};

static void scope_of(const struct agent *a, char out[SETTINGS_SCOPE_MAX])
{
    snprintf(out, SETTINGS_SCOPE_MAX, "platform:%s", agent_get_config(a)->name);
}

static const char *stored(const struct upgrade *u, const char *scope, const char *key)
{
    const char *v = settings_get(u->cfg.settings, scope, key);

    return v ? v : "";
}

/* Each step is stored before it begins, so that a power loss cannot lose it. */
static int store(struct upgrade *u, const char *scope, const char *session, const char *firmware, const char *state)
{
    int err = settings_put(u->cfg.settings, scope, KEY_SESSION, session);

    if (!err)
        err = settings_put(u->cfg.settings, scope, KEY_FIRMWARE, firmware);
    if (!err)
        err = settings_put(u->cfg.settings, scope, KEY_STATE, state);
    if (!err)
        err = settings_flush(u->cfg.settings);
    if (err)
        log_error("%s: upgrade-not-stored reason=\"%s\"", scope + sizeof("platform:") - 1, strerror(-err));
    return err;
}

int upgrade_new(const struct upgrade_config *cfg, struct upgrade **out)
{
    struct upgrade *u = calloc(1, sizeof(*u));

    if (!u)
        return -ENOMEM;
    u->cfg = *cfg;
    u->fd = -1;
    *out = u;
    return 0;
}

static void close_file(struct upgrade *u, bool discard)
{
    if (u->fd >= 0)
        close(u->fd);
    u->fd = -1;
    if (discard && u->path[0])
        unlink(u->path);
}

void upgrade_free(struct upgrade *u)
{
    if (!u)
        return;
    http_cancel(u->download);
    loop_timer_del(u->cfg.loop, &u->deferred);
    close_file(u, u->stage == STAGE_DOWNLOAD);
    free(u);
}

void upgrade_configure(struct upgrade *u, const struct http_conf *conf)
{
    u->conf = *conf;
}

/* ---- reporting --------------------------------------------------------------------------------------------- */

/* The config may set a version other than the board's. */
static bool is_running(const struct upgrade *u, const char *firmware)
{
    struct device_config board;

    memset(&board, 0, sizeof(board));
    cameras_fill_info(u->cfg.cameras, &board);
    return strcmp(device_config(u->cfg.device)->firmware, firmware) == 0 || strcmp(board.firmware, firmware) == 0;
}

/* The result of a session; after a restart the running version decides. */
static enum upgrade_reason reason_of(const struct upgrade *u, const char *state, const char *firmware)
{
    unsigned long reason;

    if (strncmp(state, FAILED, strlen(FAILED)) == 0) {
        reason = strtoul(state + strlen(FAILED), NULL, 10);
        return reason >= UPGRADE_TIMEOUT && reason <= UPGRADE_SYSTEM ? (enum upgrade_reason)reason : UPGRADE_OTHER;
    }
    if (strcmp(state, WRITING) == 0 && is_running(u, firmware))
        return UPGRADE_OK;
    return UPGRADE_SYSTEM;
}

static struct upgrade_report *report_of(struct upgrade *u, const struct agent *a)
{
    for (unsigned i = 0; i < UPGRADE_REPORTS_MAX; i++)
        if (u->report[i].agent == a)
            return &u->report[i];
    return NULL;
}

static void report_result(struct upgrade *u, struct agent *a)
{
    const struct device_config *dc = device_config(u->cfg.device);
    struct upgrade_report *report = report_of(u, NULL);
    char scope[SETTINGS_SCOPE_MAX], wanted[LOG_QUOTED_SIZE], running[LOG_QUOTED_SIZE];
    struct gb_time now;

    scope_of(a, scope);
    const char *session = stored(u, scope, KEY_SESSION), *firmware = stored(u, scope, KEY_FIRMWARE);
    if (!session[0] || report_of(u, a) || !report)
        return;
    struct agent_upgrade_done done = {
        .device_id = dc->id,
        .session = session,
        .reason = reason_of(u, stored(u, scope, KEY_STATE), firmware),
    };
    done.firmware = done.reason ? dc->firmware : firmware;
    loop_time(u->cfg.loop, &now);
    int err = agent_notify_upgrade(a, &done, &report->token, &now);
    log_info("%s: upgrade-end session=%s firmware=%s result=%u running=%s", agent_get_config(a)->name, session,
             log_quoted(wanted, sizeof(wanted), span_of(firmware)), (unsigned)done.reason,
             log_quoted(running, sizeof(running), span_of(done.firmware)));
    if (err)
        log_error("%s: upgrade-report-failed session=%s reason=\"%s\"", agent_get_config(a)->name, session,
                  strerror(-err));
    else
        report->agent = a;
    u->cfg.kick(u->cfg.arg);
}

static void on_deferred(struct loop_timer *t, void *arg)
{
    struct upgrade *u = arg;
    struct agent *a = u->deferred_agent;

    (void)t;
    u->deferred_agent = NULL;
    if (a)
        report_result(u, a);
}

void upgrade_registered(struct upgrade *u, struct agent *a)
{
    if (u->stage == STAGE_IDLE || u->agent != a)
        report_result(u, a);
}

void upgrade_notified(struct upgrade *u, const struct agent *a, uint32_t token, int result)
{
    struct upgrade_report *report = report_of(u, a);
    char scope[SETTINGS_SCOPE_MAX];

    if (!report || report->token != token)
        return;
    report->agent = NULL;
    /* Not delivered: reported again after the next registration. */
    if (result && result != -EPROTO)
        return;
    scope_of(a, scope);
    (void)store(u, scope, NULL, NULL, NULL);
}

void upgrade_drop_agent(struct upgrade *u, const struct agent *a)
{
    struct upgrade_report *report = report_of(u, a);

    if (report)
        report->agent = NULL;
    if (u->deferred_agent == a)
        u->deferred_agent = NULL;
    if (u->agent != a)
        return;
    u->agent = NULL;
    if (u->stage != STAGE_DOWNLOAD)
        return;
    http_cancel(u->download);
    u->download = NULL;
    close_file(u, true);
    u->stage = STAGE_IDLE;
}

/* ---- upgrading ------------------------------------------------------------------------------------------------ */

static void fail(struct upgrade *u, enum upgrade_reason reason)
{
    char state[16];

    snprintf(state, sizeof(state), FAILED "%02u", (unsigned)reason);
    close_file(u, true);
    u->stage = STAGE_IDLE;
    (void)store(u, u->scope, u->session, u->firmware, state);
    if (u->agent)
        report_result(u, u->agent);
}

static enum upgrade_reason reason_of_download(int err)
{
    switch (err) {
    case -ETIMEDOUT:
        return UPGRADE_TIMEOUT;
    case -EBADMSG:
        return UPGRADE_DAMAGED;
    case -ENOSPC:
    case -EDQUOT:
    case -EROFS:
    case -EIO:
    case -ENOMEM:
        return UPGRADE_SYSTEM;
    default:
        return UPGRADE_OTHER;
    }
}

static struct camera *board_camera(const struct upgrade *u)
{
    struct camera *c = cameras_find(u->cfg.cameras, "");

    return c && c->ops && c->ops->upgrade ? c : NULL;
}

static void write_firmware(struct upgrade *u)
{
    struct camera *c = board_camera(u);
    int err;

    close_file(u, false);
    /* The board may restart at any time from here on; the file is of no use after that. */
    u->stage = STAGE_WRITE;
    err = store(u, u->scope, u->session, u->firmware, WRITING);
    if (!err)
        err = c ? c->ops->upgrade(c->board, u->path, u->firmware) : -ENODEV;
    if (!err)
        return;
    log_error("%s: upgrade-write-failed session=%s reason=\"%s\"", u->platform, u->session, strerror(-err));
    fail(u, err == -EBADMSG ? UPGRADE_DAMAGED : UPGRADE_SYSTEM);
}

static void on_downloaded(void *arg, int err, unsigned status)
{
    struct upgrade *u = arg;
    off_t size = lseek(u->fd, 0, SEEK_CUR);

    u->download = NULL;
    if (!err && size <= 0)
        err = -EBADMSG;
    if (err) {
        log_error("%s: upgrade-download-failed session=%s status=%u reason=\"%s\"", u->platform, u->session, status,
                  strerror(-err));
        fail(u, reason_of_download(err));
        return;
    }
    log_info("%s: upgrade-write session=%s size_bytes=%lld", u->platform, u->session, (long long)size);
    write_firmware(u);
}

static bool is_allowed(void *arg, const char *host, const struct addr *to)
{
    const struct upgrade *u = arg;

    return u->agent && http_allowed(&u->conf.allow, u->agent, host, to);
}

/* A fixed name, so that leftovers of interrupted downloads do not pile up. */
static int open_file(struct upgrade *u)
{
    int n = snprintf(u->path, sizeof(u->path), "%s/" UPGRADE_FILE, u->conf.upgrade_dir);

    if (n < 0 || (size_t)n >= sizeof(u->path))
        return -ENAMETOOLONG;
    if (unlink(u->path) < 0 && errno != ENOENT)
        return -errno;
    u->fd = open(u->path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    return u->fd < 0 ? -errno : 0;
}

static bool session_ok(const char *s)
{
    size_t n = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-");

    return n > 0 && !s[n];
}

/* -EINVAL: malformed, or firmware of another manufacturer. */
static int check_command(const struct upgrade *u, const struct agent *a, const struct gb_control *c)
{
    const char *maker = u->conf.upgrade_manufacturer;
    char given[LOG_QUOTED_SIZE], own[LOG_QUOTED_SIZE];

    if (!u->cfg.http || !board_camera(u))
        return -ENOTSUP;
    if (!maker[0])
        maker = device_config(u->cfg.device)->manufacturer;
    if (!session_ok(c->u.upgrade.session) || !c->u.upgrade.firmware[0])
        return -EINVAL;
    if (!span_case_eq_str(span_of(c->u.upgrade.manufacturer), maker)) {
        log_warn("%s: upgrade-refused manufacturer=%s expected=%s", agent_get_config(a)->name,
                 log_quoted(given, sizeof(given), span_of(c->u.upgrade.manufacturer)),
                 log_quoted(own, sizeof(own), span_of(maker)));
        return -EINVAL;
    }
    if (!span_case_prefix(span_of(c->u.upgrade.url), "http://") &&
        !span_case_prefix(span_of(c->u.upgrade.url), "https://"))
        return -EPROTONOSUPPORT;
    return 0;
}

static int start_download(struct upgrade *u, const char *url)
{
    struct http_params params = {
        .method = HTTP_GET,
        .url = url,
        .stall_s = u->conf.stall_s,
        .total_s = UPGRADE_TOTAL_S,
        .ca_file = u->conf.ca_file,
        .file_name = "",
        .max_bytes = (uint64_t)u->conf.upgrade_max_mb << 20,
        .allow = is_allowed,
        .done = on_downloaded,
        .arg = u,
    };
    int err = open_file(u);

    params.fd = u->fd;
    if (!err)
        err = store(u, u->scope, u->session, u->firmware, DOWNLOADING);
    if (!err)
        err = http_start(u->cfg.http, &params, &u->download);
    if (err) {
        close_file(u, true);
        (void)store(u, u->scope, NULL, NULL, NULL);
    }
    return err;
}

int upgrade_start(struct upgrade *u, struct agent *a, const struct gb_control *c)
{
    const struct device_config *dc = device_config(u->cfg.device);
    char scope[SETTINGS_SCOPE_MAX], wanted[LOG_QUOTED_SIZE], running[LOG_QUOTED_SIZE];
    int err = check_command(u, a, c);

    if (err)
        return err;
    scope_of(a, scope);
    if (strcmp(stored(u, scope, KEY_SESSION), c->u.upgrade.session) == 0)
        return 0;
    if (u->stage != STAGE_IDLE || report_of(u, a))
        return -EBUSY;
    /* Reported as done: writing the running version again could loop forever. */
    if (is_running(u, c->u.upgrade.firmware)) {
        err = store(u, scope, c->u.upgrade.session, c->u.upgrade.firmware, WRITING);
        if (!err) {
            u->deferred_agent = a;
            err = loop_timer_at(u->cfg.loop, &u->deferred, loop_now_us(u->cfg.loop), on_deferred, u);
        }
        return err;
    }
    memcpy(u->scope, scope, sizeof(u->scope));
    snprintf(u->platform, sizeof(u->platform), "%s", agent_get_config(a)->name);
    memcpy(u->firmware, c->u.upgrade.firmware, sizeof(u->firmware));
    memcpy(u->session, c->u.upgrade.session, sizeof(u->session));
    u->agent = a;
    err = start_download(u, c->u.upgrade.url);
    if (err)
        return err;
    u->stage = STAGE_DOWNLOAD;
    log_warn("%s: upgrade-start session=%s firmware=%s running=%s", u->platform, u->session,
             log_quoted(wanted, sizeof(wanted), span_of(u->firmware)),
             log_quoted(running, sizeof(running), span_of(dc->firmware)));
    return 0;
}

void upgrade_board_done(struct upgrade *u, int result)
{
    if (u->stage != STAGE_WRITE)
        return;
    if (result) {
        log_error("%s: upgrade-write-failed session=%s reason=\"%s\"", u->platform, u->session,
                  strerror(result < 0 ? -result : result));
        fail(u, result == -EBADMSG ? UPGRADE_DAMAGED : UPGRADE_SYSTEM);
        return;
    }
    close_file(u, true);
    u->stage = STAGE_IDLE;
    u->cfg.refresh(u->cfg.arg);
    if (u->agent)
        report_result(u, u->agent);
}

bool upgrade_status(const struct upgrade *u, struct upgrade_status *out)
{
    uint64_t got = 0, total = 0;

    if (u->stage == STAGE_IDLE)
        return false;
    if (u->download)
        http_progress(u->download, &got, &total);
    memset(out, 0, sizeof(*out));
    snprintf(out->session, sizeof(out->session), "%s", u->session);
    snprintf(out->platform, sizeof(out->platform), "%s", u->platform);
    snprintf(out->firmware, sizeof(out->firmware), "%s", u->firmware);
    out->state = u->stage == STAGE_DOWNLOAD ? DOWNLOADING : WRITING;
    out->bytes = got;
    out->total = total;
    out->percent = total ? got * 100u / total : 0;
    return true;
}
