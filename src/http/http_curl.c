/* SPDX-License-Identifier: MIT */
#include "http/http_priv.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/net.h"
#include "util/log.h"
#include "util/span.h"

struct http_socket {
    struct list node;
    struct http_engine *engine;
    struct loop_fd watch;
};

struct http_engine {
    struct loop *loop;
    CURLM *multi;
    struct loop_timer timer;
    struct list sockets;
};

struct http_transfer {
    struct http_engine *engine;
    CURLU *url;
    CURL *easy;
    bool added; /* to the engine */
    curl_mime *mime;
    struct curl_slist *headers, *connect_to;
    size_t sent;
};

void http_transfer_free(struct http_transfer *t)
{
    if (!t)
        return;
    if (t->added)
        curl_multi_remove_handle(t->engine->multi, t->easy);
    curl_easy_cleanup(t->easy);
    curl_mime_free(t->mime);
    curl_slist_free_all(t->headers);
    curl_slist_free_all(t->connect_to);
    curl_url_cleanup(t->url);
    free(t);
}

/* ---- the loop ------------------------------------------------------------------------------------------ */

static int error_of(const struct http_request *r, CURLcode code)
{
    static const struct {
        CURLcode code;
        int err;
    } table[] = {
        { CURLE_OK, 0 },
        { CURLE_OPERATION_TIMEDOUT, -ETIMEDOUT },
        { CURLE_FILESIZE_EXCEEDED, -EFBIG },
        { CURLE_PARTIAL_FILE, -EBADMSG },
        { CURLE_GOT_NOTHING, -EBADMSG },
        { CURLE_RECV_ERROR, -EBADMSG },
        { CURLE_WEIRD_SERVER_REPLY, -EBADMSG },
        { CURLE_UNSUPPORTED_PROTOCOL, -EPROTONOSUPPORT },
        { CURLE_COULDNT_CONNECT, -ECONNREFUSED },
        { CURLE_OUT_OF_MEMORY, -ENOMEM },
        { CURLE_HTTP_RETURNED_ERROR, -EREMOTEIO },
        { CURLE_PEER_FAILED_VERIFICATION, -EKEYREJECTED },
    };

    if (r->err)
        return r->err;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (table[i].code == code)
            return table[i].err;
    return -EIO;
}

static void finish_transfers(struct http_engine *h)
{
    char host[LOG_QUOTED_SIZE];
    CURLMsg *m;
    int left;

    while ((m = curl_multi_info_read(h->multi, &left))) {
        struct http_request *r = NULL;
        CURLcode code = m->data.result;
        long status = 0;

        if (m->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&r);
        curl_easy_getinfo(m->easy_handle, CURLINFO_RESPONSE_CODE, &status);
        int err = error_of(r, code);
        if (!err && (status < 200 || status > 299))
            err = -EREMOTEIO;
        if (err)
            log_debug("http: transfer-failed host=%s status=%ld reason=\"%s\"",
                      log_quoted(host, sizeof(host), span_of(r->host)), status, curl_easy_strerror(code));
        http_request_end(r, err, status > 0 ? (unsigned)status : 0);
    }
}

static void on_socket(struct loop_fd *w, unsigned ready, void *arg)
{
    struct http_engine *h = ((struct http_socket *)arg)->engine;
    int running, action = (ready & LOOP_READ ? CURL_CSELECT_IN : 0) | (ready & LOOP_WRITE ? CURL_CSELECT_OUT : 0);

    curl_multi_socket_action(h->multi, w->fd, action, &running);
    finish_transfers(h);
}

static void on_timer(struct loop_timer *t, void *arg)
{
    struct http_engine *h = arg;
    int running;

    (void)t;
    curl_multi_socket_action(h->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    finish_transfers(h);
}

static int want_timer(CURLM *multi, long timeout_ms, void *arg)
{
    struct http_engine *h = arg;

    (void)multi;
    if (timeout_ms < 0) {
        loop_timer_del(h->loop, &h->timer);
        return 0;
    }
    return loop_timer_at(h->loop, &h->timer, loop_now_us(h->loop) + (uint64_t)timeout_ms * 1000u, on_timer, h) ? -1 : 0;
}

static int want_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *old)
{
    struct http_socket *s = old;
    struct http_engine *h = arg;
    unsigned events = (what & CURL_POLL_IN ? LOOP_READ : 0) | (what & CURL_POLL_OUT ? LOOP_WRITE : 0);

    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (s) {
            loop_fd_del(h->loop, &s->watch);
            list_remove(&s->node);
            free(s);
        }
        curl_multi_assign(h->multi, fd, NULL);
        return 0;
    }
    if (s) {
        loop_fd_want(h->loop, &s->watch, events);
        return 0;
    }
    s = calloc(1, sizeof(*s));
    if (!s)
        return -1;
    s->engine = h;
    s->watch.fd = -1;
    if (loop_fd_add(h->loop, &s->watch, fd, events, on_socket, s) < 0) {
        free(s);
        return -1;
    }
    list_append(&h->sockets, &s->node);
    curl_multi_assign(h->multi, fd, s);
    return 0;
}

/* ---- one request ---------------------------------------------------------------------------------------- */

/* Whatever the URL says, connections are made only to the allowed address. */
static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *sa)
{
    struct http_request *r = arg;
    struct addr to;

    (void)purpose;
    if (net_addr_from_sa(&sa->addr, &to) < 0 || !addr_same(&to, &r->to)) {
        r->err = -EACCES;
        return CURL_SOCKET_BAD;
    }
    return socket(sa->family, sa->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, sa->protocol);
}

static size_t read_body(char *to, size_t size, size_t n, void *arg)
{
    struct http_request *r = arg;
    size_t left = r->params.len - r->transfer->sent, want = size * n < left ? size * n : left;

    memcpy(to, r->params.body + r->transfer->sent, want);
    r->transfer->sent += want;
    return want;
}

static int seek_body(void *arg, curl_off_t offset, int origin)
{
    struct http_request *r = arg;

    if (origin != SEEK_SET || offset < 0 || (size_t)offset > r->params.len)
        return CURL_SEEKFUNC_FAIL;
    r->transfer->sent = (size_t)offset;
    return CURL_SEEKFUNC_OK;
}

static size_t receive_body(char *data, size_t size, size_t n, void *arg)
{
    struct http_request *r = arg;
    curl_off_t total = -1;
    long status = 0;

    curl_easy_getinfo(r->transfer->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &total);
    r->total = total > 0 ? (uint64_t)total : 0;
    curl_easy_getinfo(r->transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    r->err = http_request_receive(r, data, size * n, status > 0 ? (unsigned)status : 0);
    return r->err ? 0 : size * n;
}

static CURLcode add_header(struct http_request *r, const char *line)
{
    struct curl_slist *more = curl_slist_append(r->transfer->headers, line);

    if (!more)
        return CURLE_OUT_OF_MEMORY;
    r->transfer->headers = more;
    return CURLE_OK;
}

static CURLcode set_form(struct http_request *r)
{
    struct http_transfer *t = r->transfer;
    curl_mimepart *part;
    CURLcode code;

    t->mime = curl_mime_init(t->easy);
    part = t->mime ? curl_mime_addpart(t->mime) : NULL;
    code = part ? curl_mime_name(part, "file") : CURLE_OUT_OF_MEMORY;
    if (!code)
        code = curl_mime_filename(part, r->file_name);
    if (!code)
        code = curl_mime_type(part, r->params.content_type);
    if (!code)
        code = curl_mime_data(part, (const char *)r->params.body, r->params.len);
    return code ? code : curl_easy_setopt(t->easy, CURLOPT_MIMEPOST, t->mime);
}

#define SET(o, v)                                                                                                      \
    do {                                                                                                               \
        if (!code)                                                                                                     \
            code = curl_easy_setopt(r->transfer->easy, o, v);                                                          \
    } while (0)

static CURLcode set_upload(struct http_request *r)
{
    const bool put = r->params.method == HTTP_PUT;
    char line[160];
    CURLcode code = CURLE_OK;

    if (!put) {
        snprintf(line, sizeof(line), "Content-Disposition: attachment; filename=\"%s\"", r->file_name);
        code = add_header(r, line);
    }
    snprintf(line, sizeof(line), "Content-Type: %s", r->params.content_type);
    if (!code)
        code = add_header(r, line);
    SET(CURLOPT_READFUNCTION, read_body);
    SET(CURLOPT_READDATA, r);
    SET(CURLOPT_SEEKFUNCTION, seek_body);
    SET(CURLOPT_SEEKDATA, r);
    SET(put ? CURLOPT_UPLOAD : CURLOPT_POST, 1L);
    SET(put ? CURLOPT_INFILESIZE_LARGE : CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->params.len);
    return code;
}

static int set_options(struct http_request *r)
{
    CURL *e = r->transfer->easy;
    CURLcode code = CURLE_OK;
    const struct {
        CURLoption option;
        long value;
    } numbers[] = {
        { CURLOPT_NOSIGNAL, 1 },
        { CURLOPT_FOLLOWLOCATION, 0 },
        { CURLOPT_FORBID_REUSE, 1 },
        { CURLOPT_FRESH_CONNECT, 1 },
        { CURLOPT_CONNECTTIMEOUT_MS, HTTP_CONNECT_MS },
        { CURLOPT_LOW_SPEED_LIMIT, 1 },
        { CURLOPT_LOW_SPEED_TIME, (long)r->params.stall_s },
        { CURLOPT_TIMEOUT, (long)r->params.total_s },
        { CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1 },
        { CURLOPT_SSL_VERIFYPEER, 1 },
        { CURLOPT_SSL_VERIFYHOST, 2 },
        { CURLOPT_NETRC, CURL_NETRC_IGNORED },
    };

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]) && !code; i++)
        code = curl_easy_setopt(e, numbers[i].option, numbers[i].value);
    SET(CURLOPT_CURLU, r->transfer->url);
    SET(CURLOPT_PRIVATE, r);
    SET(CURLOPT_PROXY, ""); /* not even one from the environment */
#if LIBCURL_VERSION_NUM >= 0x075500
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
#else
    SET(CURLOPT_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
#endif
    SET(CURLOPT_USERAGENT, "gbagent/" GBAGENT_VERSION);
    SET(CURLOPT_CONNECT_TO, r->transfer->connect_to);
    SET(CURLOPT_OPENSOCKETFUNCTION, open_socket);
    SET(CURLOPT_OPENSOCKETDATA, r);
    SET(CURLOPT_WRITEFUNCTION, receive_body);
    SET(CURLOPT_WRITEDATA, r);
    if (r->ca_file[0])
        SET(CURLOPT_CAINFO, r->ca_file);
    if (r->params.method == HTTP_GET)
        SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)r->params.max_bytes);
    else if (!code)
        code = r->params.method == HTTP_MULTIPART ? set_form(r) : set_upload(r);
    /* Many small servers never send 100 Continue. */
    if (!code)
        code = add_header(r, "Expect:");
    SET(CURLOPT_HTTPHEADER, r->transfer->headers);
#undef SET
    return code == CURLE_OK ? 0 : code == CURLE_OUT_OF_MEMORY ? -ENOMEM : -EIO;
}

int http_transfer_run(struct http_request *r)
{
    char ip[ADDR_TEXT_MAX], line[ADDR_TEXT_MAX + 16];
    int err;

    /* "Any host, any port: connect to this address", so that libcurl resolves nothing. */
    addr_print(&r->to, ip);
    snprintf(line, sizeof(line), "::%s", ip);
    r->transfer->connect_to = curl_slist_append(NULL, line);
    r->transfer->easy = curl_easy_init();
    if (!r->transfer->connect_to || !r->transfer->easy)
        return -ENOMEM;
    err = set_options(r);
    if (err)
        return err;
    if (curl_multi_add_handle(r->transfer->engine->multi, r->transfer->easy) != CURLM_OK)
        return -ENOMEM;
    r->transfer->added = true;
    return 0;
}

/* Copies one part of the URL, as libcurl will use it, to `out`. */
static int url_part(CURLU *u, CURLUPart what, unsigned flags, char *out, size_t size)
{
    char *text = NULL;
    CURLUcode code = curl_url_get(u, what, &text, flags);
    int err = code == CURLUE_OUT_OF_MEMORY ? -ENOMEM : code ? -EINVAL : 0;

    if (!err && !span_copy(span_of(text), out, size))
        err = -EINVAL;
    curl_free(text);
    return err;
}

static int parse_url(struct http_request *r, uint16_t *port)
{
    char scheme[16], digits[8];
    int err;

    r->transfer->url = curl_url();
    if (!r->transfer->url)
        return -ENOMEM;
    if (curl_url_set(r->transfer->url, CURLUPART_URL, r->url, 0) != CURLUE_OK)
        return -EINVAL;
    err = url_part(r->transfer->url, CURLUPART_SCHEME, 0, scheme, sizeof(scheme));
    if (!err && strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0)
        err = -EPROTONOSUPPORT;
    if (!err)
        err = url_part(r->transfer->url, CURLUPART_HOST, 0, r->host, sizeof(r->host));
    if (!err)
        err = url_part(r->transfer->url, CURLUPART_PORT, CURLU_DEFAULT_PORT, digits, sizeof(digits));
    return err ? err : http_request_host(r, digits, port);
}

int http_transfer_new(struct http_request *r, uint16_t *port)
{
    r->transfer = calloc(1, sizeof(*r->transfer));
    if (!r->transfer)
        return -ENOMEM;
    r->transfer->engine = r->http->engine;
    return parse_url(r, port);
}

/* ---- lifecycle ------------------------------------------------------------------------------------------- */

int http_engine_new(struct loop *l, struct http_engine **out)
{
    struct http_engine *h;

    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return -ENOMEM;
    h = calloc(1, sizeof(*h));
    if (h)
        h->multi = curl_multi_init();
    if (!h || !h->multi) {
        free(h);
        curl_global_cleanup();
        return -ENOMEM;
    }
    h->loop = l;
    list_init(&h->sockets);
    curl_multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION, want_socket);
    curl_multi_setopt(h->multi, CURLMOPT_SOCKETDATA, h);
    curl_multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION, want_timer);
    curl_multi_setopt(h->multi, CURLMOPT_TIMERDATA, h);
    *out = h;
    return 0;
}

void http_engine_free(struct http_engine *h)
{
    if (!h)
        return;
    curl_multi_cleanup(h->multi);
    list_each_safe(it, &h->sockets) {
        struct http_socket *s = container_of(it, struct http_socket, node);

        loop_fd_del(h->loop, &s->watch);
        free(s);
    }
    loop_timer_del(h->loop, &h->timer);
    free(h);
    curl_global_cleanup();
}
