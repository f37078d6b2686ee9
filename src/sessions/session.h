/* SPDX-License-Identifier: MIT */
/*
 * The media of calls: live views, playbacks and downloads, from a platform's offer to the media socket and the viewer,
 * and why each one ended. TCP: the device connects after the ACK, or listens if the offer says so.
 */
#ifndef SESSIONS_SESSION_H
#define SESSIONS_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/agent.h"
#include "cameras/camera.h"
#include "media/stream.h"
#include "media/viewer.h"
#include "sessions/playback.h"
#include "sys/loop.h"
#include "util/hash.h"
#include "util/list.h"

#define SESSIONS_ENDED   16u
#define SESSION_RTCP_US  5000000u  /* between sender reports */
#define SESSION_CODEC_US 3000000u  /* an offer without PS waits for the source's codec */
#define SESSION_DRAIN_US 10000000u /* end of a recording: timeout without progress of the socket's send queue */
#define SESSION_TCP_US   10000000u /* for the TCP connection, from the ACK on */

enum session_rtcp { SESSION_RTCP_OFF, SESSION_RTCP_UDP, SESSION_RTCP_ALL }; /* ALL: also within TCP media */
enum session_send { SESSION_SEND_AUTO, SESSION_SEND_GSO, SESSION_SEND_MMSG, SESSION_SEND_MSG };

struct session_media { /* of the config */
    uint16_t port_min, port_max;
    unsigned max_sessions;
    enum viewer_pacing pacing;
    enum session_send send;
    enum session_rtcp rtcp;
    bool interleaved;          /* TCP: '$' framing */
    unsigned dscp;             /* 0..63 */
    unsigned max_time_s;       /* of a live session, or of a pause in a playback; 0: no limit */
    unsigned report_timeout_s; /* after the last receiver report; 0: no limit */
};

struct session_ended {
    uint32_t call; /* 0: no entry */
    char platform[48];
    char channel[GBID_SIZE];
    struct addr peer;
    char reason[96];
};

enum session_state { SESSION_OFFERED, SESSION_CONNECTING, SESSION_LISTENING, SESSION_RUNNING, SESSION_OVER };

struct sessions {
    struct loop *loop;
    struct cameras *cameras;
    struct session_media media;
    /* Called after a session used an agent outside the owner's calls: the owner must fetch its packets and events. */
    void (*kick)(void *arg);
    void *arg;
    struct list list;    /* struct session, oldest first */
    struct hash by_call; /* the same; the device assigns the numbers: no collisions by attackers */
    unsigned count;
    struct session_ended ended[SESSIONS_ENDED]; /* ring */
    unsigned nended;                            /* total */
    struct loop_timer rtcp;                     /* one for all sessions */
    struct log_gate refusals;                   /* lines about refused offers and media connections */
};

struct session_reports { /* RTCP receiver reports */
    uint64_t count, last_us;
    uint32_t fraction_lost; /* in 1/256 */
    int32_t lost;
    uint32_t jitter; /* 90 kHz */
};

struct session {
    struct list node;
    struct hash_node by_call;
    struct sessions *set;
    struct agent *agent;
    uint32_t call;
    enum session_state state;
    char channel[GBID_SIZE];
    struct camera *camera;
    struct playback *playback; /* NULL: live */
    struct stream *stream;     /* the camera's, or the playback's own */
    struct viewer *viewer;     /* NULL until media flows */
    int fd;                    /* media socket, until the viewer takes it; the listener when passive */
    bool tcp, passive, started, paused, download;
    bool rtcp_inside; /* TCP: reports are interleaved with the media */
    int rtcp_fd;      /* UDP: the port after that of fd; -1: none */
    struct loop_fd rtcp_watch;
    struct session_reports reports;
    uint8_t payload_type;     /* from CALL_START */
    bool no_ps, has_f;        /* from the offer */
    enum gb_codec elementary; /* codec of the elementary stream; GB_CODEC_NONE: PS */
    uint32_t ssrc;
    struct addr peer;       /* destination of the media */
    struct addr signalling; /* passive TCP: may connect as well */
    struct addr local;      /* of the media socket */
    struct addr source;     /* the same; on TCP with the IP chosen by routing, unspecified if unknown */
    char interface[16];
    unsigned attempt;    /* TCP: number of the next attempt */
    uint64_t started_us; /* time of CALL_START, before it of the offer */
    struct loop_fd watch;
    struct loop_timer timer, accept_retry;
    int sent_fd;        /* the viewer's socket; watched until the end of a recording is sent */
    int unsent;         /* bytes in its send queue, last seen */
    uint64_t unsent_us; /* when that last decreased */
};

void sessions_init(struct sessions *ss, struct loop *l, struct cameras *c, void (*kick)(void *arg), void *arg);
void sessions_free(struct sessions *ss);
void sessions_configure(struct sessions *ss, const struct session_media *media);

/* Handle the agent's events. `interface` as in struct sip_link_config. */
void session_offer(struct sessions *ss, struct agent *a, const struct agent_event *ev, const char *interface);
void session_start(struct sessions *ss, const struct agent_event *ev);
void session_stop(struct sessions *ss, uint32_t call, const char *reason);
void session_control(struct sessions *ss, struct agent *a, const struct agent_event *ev);

/* Ends a camera's sessions with BYE. */
void sessions_end_camera(struct sessions *ss, const struct camera *c, const char *reason);
/* Drops the sessions of an agent that is being removed; no BYE. */
void sessions_drop_agent(struct sessions *ss, const struct agent *a, const char *reason);
const char *session_state_name(const struct session *s);
/* The index-th of the last ended sessions, newest first; NULL past the end. */
const struct session_ended *sessions_ended_at(const struct sessions *ss, unsigned index);

#endif
