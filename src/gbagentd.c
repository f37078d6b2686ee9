/* SPDX-License-Identifier: MIT */
/* gbagentd: options and wiring. */
#include <errno.h>
#include <getopt.h>
#include <malloc.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/app.h"
#include "conf/conf.h"
#include "sys/daemon.h"
#include "sys/log_sink.h"
#include "util/log.h"

struct options {
    char conf[PATH_MAX];
    const char *pidfile;
    bool foreground, check, print;
    enum conf_lang lang;
};

static const char usage[] =
    "usage: gbagentd [-c FILE] [-n] [--pidfile FILE]\n"
    "       gbagentd --check-config [-c FILE] | --print-config[=en|zh] | --version | --help\n"
    "GB/T 28181 agent: connects a camera to GB/T 28181 video platforms.\n"
    "\n"
    "  -c, --config FILE    config file (default " CONF_DEFAULT_PATH ")\n"
    "  -n, --foreground     stay in the foreground\n"
    "      --pidfile FILE   write the process ID to FILE and lock it against a second instance\n"
    "      --check-config   check the config and exit\n"
    "      --print-config   print an example config with every key and exit; =zh: with Chinese comments\n"
    "      --version        print the version and exit\n"
    "  -h, --help           print this help and exit\n";

enum { OPT_PIDFILE = 256, OPT_CHECK, OPT_PRINT, OPT_VERSION };

/* The language of --print-config. -EINVAL after an error message. */
static int parse_lang(const char *text, enum conf_lang *out)
{
    *out = CONF_EN;
    if (!text || strcmp(text, "en") == 0)
        return 0;
    if (strcmp(text, "zh") != 0) {
        fprintf(stderr, "gbagentd: --print-config=%s: expected en or zh\n", text);
        return -EINVAL;
    }
#ifdef GBAGENT_ZH
    *out = CONF_ZH;
    return 0;
#else
    fputs("gbagentd: --print-config=zh: built without the Chinese texts (WITH_ZH=0)\n", stderr);
    return -EINVAL;
#endif
}

/* -1: continue; else the exit status. */
static int parse_options(int argc, char **argv, struct options *o)
{
    static const struct option longs[] = {
        { "config", required_argument, NULL, 'c' },
        { "foreground", no_argument, NULL, 'n' },
        { "pidfile", required_argument, NULL, OPT_PIDFILE },
        { "check-config", no_argument, NULL, OPT_CHECK },
        { "print-config", optional_argument, NULL, OPT_PRINT },
        { "version", no_argument, NULL, OPT_VERSION },
        { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 },
    };
    const char *conf = CONF_DEFAULT_PATH;
    int c;

    while ((c = getopt_long(argc, argv, "c:nh", longs, NULL)) != -1) {
        switch (c) {
        case 'c':
            conf = optarg;
            break;
        case 'n':
            o->foreground = true;
            break;
        case OPT_PIDFILE:
            o->pidfile = optarg;
            break;
        case OPT_CHECK:
            o->check = true;
            break;
        case OPT_PRINT:
            if (parse_lang(optarg, &o->lang))
                return 2;
            o->print = true;
            break;
        case OPT_VERSION:
            puts("gbagentd " GBAGENT_VERSION);
            return 0;
        case 'h':
            fputs(usage, stdout);
            return 0;
        default:
            fputs("Try 'gbagentd --help'.\n", stderr);
            return 2;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "gbagentd: unexpected argument %s\nTry 'gbagentd --help'.\n", argv[optind]);
        return 2;
    }
    /* Absolute, because the daemon changes its working directory and reads the file again on reload. */
    if (!realpath(conf, o->conf))
        snprintf(o->conf, sizeof(o->conf), "%s", conf);
    return -1;
}

static void on_signal(void *arg, int signo)
{
    struct app *app = arg;
    char reason[256] = "";
    int err;

    switch (signo) {
    case SIGHUP:
        daemon_notify_reloading();
        (void)app_reload(app, reason, sizeof(reason));
        daemon_notify("READY=1");
        break;
    case SIGUSR1:
        err = log_sink_reopen();
        if (err)
            log_error("gbagentd: log-reopen-failed reason=\"%s\"", strerror(-err));
        break;
    default:
        log_info("gbagentd: stopping");
        daemon_notify("STOPPING=1");
        app_stop(app);
        break;
    }
}

static int lock_pidfile(const char *path, int *fd)
{
    pid_t other = 0;
    int err = daemon_pidfile_lock(path, fd, &other);

    if (err == -EWOULDBLOCK)
        fprintf(stderr, "gbagentd: already running (%s, process %ld)\n", path, (long)other);
    else if (err)
        fprintf(stderr, "gbagentd: %s: %s\n", path, strerror(-err));
    return err;
}

/* Runs the daemon; returns the exit status. Reports the start to the parent through `ready_fd`. Frees conf. */
static int run_daemon(const struct options *o, struct conf *conf, int ready_fd)
{
    struct daemon_signals signals = { .watch = { .fd = -1 } };
    struct daemon_watchdog watchdog = { 0 };
    struct loop *loop = NULL;
    struct app *app = NULL;
    int err = loop_new(&loop);

    if (!err)
        err = app_new(loop, conf, o->conf, !o->foreground, &app);
    if (err)
        conf_free(conf);
    else
        err = daemon_signals_open(&signals, loop, on_signal, app);
    if (!err)
        err = daemon_watchdog_start(&watchdog, loop);
    if (!err) {
        log_info("gbagentd: started version=%s device=%s", GBAGENT_VERSION, app->parts.conf->device.id);
        daemon_ready(ready_fd, 0);
        daemon_notify("READY=1");
        err = loop_run(loop);
        daemon_watchdog_stop(&watchdog);
    } else {
        log_error("gbagentd: start-failed reason=\"%s\"", strerror(-err));
        daemon_ready(ready_fd, 1);
    }
    if (signals.loop)
        daemon_signals_close(&signals);
    app_free(app);
    loop_free(loop);
    return err ? 1 : 0;
}

static int start(const struct options *o, struct conf *conf)
{
    int pidfd = -1, ready_fd = -1, err = 0, status = 1;

    if (o->pidfile && lock_pidfile(o->pidfile, &pidfd)) {
        conf_free(conf);
        return 1;
    }
    if (!o->foreground)
        err = daemon_background(&ready_fd);
    if (!err && pidfd >= 0)
        err = daemon_pidfile_write(pidfd);
    if (!err)
        err = log_sink_open(conf->log_target, !o->foreground);
    log_set_level(conf->log_level);
    if (err) {
        fprintf(stderr, "gbagentd: cannot start: %s\n", strerror(-err));
        daemon_ready(ready_fd, 1);
        conf_free(conf);
    } else {
        status = run_daemon(o, conf, ready_fd);
    }
    if (o->pidfile)
        daemon_pidfile_remove(o->pidfile, pidfd);
    log_sink_close();
    return status;
}

/* Large blocks come directly from the kernel: only pages in use take memory, and free() returns them. The heap grows by
 * pages, not by 128 KB that calloc() would clear. */
static void reduce_memory(void)
{
#ifdef M_MMAP_THRESHOLD
    mallopt(M_MMAP_THRESHOLD, 32 * 1024);
    mallopt(M_TRIM_THRESHOLD, 32 * 1024);
    mallopt(M_TOP_PAD, 16 * 1024);
#endif
}

int main(int argc, char **argv)
{
    struct options o = { 0 };
    struct conf *conf = NULL;
    int status = parse_options(argc, argv, &o);
    int err;

    reduce_memory();
    if (status >= 0)
        return status;
    if (o.print) {
        conf_print_example(stdout, o.lang);
        conf_print_boards(stdout, o.lang);
        return 0;
    }
    err = o.check ? 0 : daemon_signals_block();
    if (err) {
        fprintf(stderr, "gbagentd: cannot start: %s\n", strerror(-err));
        return 1;
    }
    err = conf_load(o.conf, stderr, &conf);
    if (err) /* conf_load() has printed the errors */
        return 1;
    if (o.check) {
        conf_check(conf, o.conf, stderr);
        printf("%s: ok\n", o.conf);
        conf_free(conf);
        return 0;
    }
    return start(&o, conf);
}
