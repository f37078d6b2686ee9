/* SPDX-License-Identifier: MIT */
/*
 * Live views, playbacks and downloads: from a platform's offer over the media socket to the viewer that sends, and why
 * each ended. TCP: the device connects after the ACK, or listens where the offerer wants to connect.
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

#define SESSIONS_ENDED 16u
#define SESSION_RTCP_US 5000000u        /* between sender reports */
#define SESSION_CODEC_US 3000000u       /* an offer without PS is answered when the source's codec is known */
#define SESSION_DRAIN_US 10000000u      /* the end of a recording: what the socket still has to send must fall so often */
#define SESSION_TCP_US 10000000u        /* for a TCP connection, from the ACK on */

enum session_rtcp { SESSION_RTCP_OFF, SESSION_RTCP_UDP, SESSION_RTCP_ALL };      /* ALL: inside TCP media, too */
enum session_send { SESSION_SEND_AUTO, SESSION_SEND_GSO, SESSION_SEND_MMSG, SESSION_SEND_MSG };

struct session_media {                  /* of the config */
    uint16_t port_min, port_max;
    unsigned max_sessions;
    enum viewer_pacing pacing;
    enum session_send send;
    enum session_rtcp rtcp;
    bool interleaved;                   /* TCP: '$' framing */
    unsigned dscp;                      /* 0..63 */
    unsigned max_time_s;                /* of a live session, or of a pause in a recording; 0 any */
    unsigned report_timeout_s;          /* receiver reports that had come and stopped; 0 any */
};

struct session_ended {
    uint32_t call;                      /* 0: no entry */
    char platform[48];
    char channel[GBID_SIZE];
    struct addr peer;
    char why[96];
};

enum session_state { SESSION_OFFERED, SESSION_CONNECTING, SESSION_LISTENING, SESSION_RUNNING, SESSION_OVER };

struct sessions {
    struct loop *loop;
    struct cameras *cameras;
    struct session_media media;
    /* After a verb was used on an agent outside the owner's turn: its packets and events are to be fetched. */
    void (*kick)(void *arg);
    void *arg;
    struct list list;                   /* struct session, oldest first */
    struct hash by_call;                /* the same; numbers are our own: nobody can choose collisions */
    unsigned count;
    struct session_ended ended[SESSIONS_ENDED];     /* ring */
    unsigned nended;                    /* ever */
    struct loop_timer rtcp;             /* one for all sessions */
    struct log_gate refusals;           /* lines about offers and media connections that are refused */
};

struct session_reports {                /* what the receiver says (RTCP) */
    uint64_t count, last_us;
    uint32_t fraction_lost;             /* of 256 */
    int32_t lost;
    uint32_t jitter;                    /* 90 kHz */
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
    struct playback *playback;          /* NULL: live */
    struct stream *stream;              /* the camera's, or the playback's own */
    struct viewer *viewer;              /* NULL until media flows */
    int fd;                             /* media socket while there is no viewer; the listener when passive */
    bool tcp, passive, started, paused, download;
    bool rtcp_inside;                   /* TCP: reports go with the media */
    int rtcp_fd;                        /* UDP: the port beside fd; -1 none */
    struct loop_fd rtcp_watch;
    struct session_reports reports;
    uint8_t payload_type;               /* CALL_START */
    bool no_ps, has_f;                  /* as offered */
    enum gb_codec elementary;           /* sent as such; GB_CODEC_NONE: PS */
    uint32_t ssrc;
    struct addr peer;                   /* where the media goes */
    struct addr signalling;             /* passive TCP: the other address that may connect */
    struct addr local;                  /* of the media socket */
    struct addr leaves_by;              /* the same, of TCP with the IP that the routes choose; unspecified: not known */
    char interface[16];
    unsigned attempt;                   /* TCP, next try */
    uint64_t started_us;                /* CALL_START; the offer before */
    struct loop_fd watch;
    struct loop_timer timer, rest;      /* rest: of a listener that cannot accept */
    int sent_fd;                        /* the viewer's socket; until the end of a recording has left it */
    int unsent;                         /* bytes in it, the last time */
    uint64_t unsent_us;                 /* when that last fell */
};

void sessions_init(struct sessions *ss, struct loop *l, struct cameras *c, void (*kick)(void *arg), void *arg);
void sessions_free(struct sessions *ss);
void sessions_configure(struct sessions *ss, const struct session_media *media);

/* The agent's events. `interface` as in link config; offers are answered before this returns. */
void session_offer(struct sessions *ss, struct agent *a, const struct agent_event *ev, const char *interface);
void session_start(struct sessions *ss, const struct agent_event *ev);
void session_stop(struct sessions *ss, uint32_t call, const char *why);
void session_control(struct sessions *ss, struct agent *a, const struct agent_event *ev);

/* Ends those of a camera with BYE. */
void sessions_end_camera(struct sessions *ss, const struct camera *c, const char *why);
/* Drops those of an agent that goes; no BYE. */
void sessions_drop_agent(struct sessions *ss, const struct agent *a, const char *why);
const char *session_state_name(const struct session *s);
/* The index-th of the last ended ones, newest first; NULL past the end. */
const struct session_ended *sessions_ended_at(const struct sessions *ss, unsigned index);

#endif
