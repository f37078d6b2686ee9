# SPDX-License-Identifier: MIT
# Lists every source file; nothing else is compiled.

# ---- the lower half ----
UTIL_SRC := \
             src/util/addr.c \
             src/util/buf.c \
             src/util/hash.c \
             src/util/heap.c \
             src/util/log.c \
             src/util/rng.c \
             src/util/span.c \
             src/util/tzif.c \
             src/util/walltime.c

TRACE_SRC := \
             src/trace/mask.c \
             src/trace/pcap.c \
             src/trace/queue.c \
             src/trace/record.c \
             src/trace/text.c

CODEC_SRC := \
             src/codec/charset.c \
             src/codec/digest.c \
             src/codec/gbid.c \
             src/codec/mansrtsp.c \
             src/codec/nal.c \
             src/codec/ps.c \
             src/codec/ps_program.c \
             src/codec/ptz_code.c \
             src/codec/rtcp.c \
             src/codec/sdp.c \
             src/codec/xml.c \
             src/codec/xml_walk.c \
             src/codec/xml_write.c

MANSCDP_SRC := \
             src/manscdp/alarm.c \
             src/manscdp/broadcast.c \
             src/manscdp/catalog.c \
             src/manscdp/config.c \
             src/manscdp/config_plan.c \
             src/manscdp/config_read.c \
             src/manscdp/config_svac.c \
             src/manscdp/config_write.c \
             src/manscdp/control.c \
             src/manscdp/cruise.c \
             src/manscdp/device_info.c \
             src/manscdp/device_status.c \
             src/manscdp/home_position.c \
             src/manscdp/keepalive.c \
             src/manscdp/media_status.c \
             src/manscdp/message.c \
             src/manscdp/position.c \
             src/manscdp/presets.c \
             src/manscdp/record.c \
             src/manscdp/snapshot.c \
             src/manscdp/storage.c \
             src/manscdp/subscribe.c \
             src/manscdp/table.c \
             src/manscdp/upgrade.c \
             src/manscdp/video_upload.c

DEVICE_SRC := \
             src/device/catalog_item.c \
             src/device/device.c \
             src/device/device_state.c \
             src/device/device_state_text.c

SIP_SRC := \
             src/sip/auth.c \
             src/sip/client_tx.c \
             src/sip/dialog.c \
             src/sip/framing.c \
             src/sip/message.c \
             src/sip/osip.c \
             src/sip/party.c \
             src/sip/scan.c \
             src/sip/server_tx.c

UA_SRC := \
             src/ua/ua.c \
             src/ua/ua_note.c \
             src/ua/ua_queue.c \
             src/ua/ua_send.c \
             src/ua/ua_sources.c

AGENT_SRC := \
             src/agent/agent.c \
             src/agent/agent_config.c \
             src/agent/agent_input.c \
             src/agent/agent_verbs.c \
             src/agent/alarm.c \
             src/agent/alarm_input.c \
             src/agent/call.c \
             src/agent/call_answer.c \
             src/agent/call_incoming.c \
             src/agent/call_info.c \
             src/agent/call_offer.c \
             src/agent/call_request.c \
             src/agent/catalog_pages.c \
             src/agent/command_log.c \
             src/agent/keepalive.c \
             src/agent/mux.c \
             src/agent/notifier.c \
             src/agent/pager.c \
             src/agent/ptz_pages.c \
             src/agent/record_pages.c \
             src/agent/registration.c \
             src/agent/registration_answer.c \
             src/agent/registration_redirect.c \
             src/agent/router.c \
             src/agent/router_control.c \
             src/agent/router_query.c \
             src/agent/subscription.c \
             src/agent/subscription_notify.c \
             src/agent/subscription_request.c

# ---- the upper half ----
SYS_SRC := \
             src/sys/clock.c \
             src/sys/daemon.c \
             src/sys/log_sink.c \
             src/sys/log_syslog.c \
             src/sys/loop.c

NET_SRC := \
             src/net/net.c \
             src/net/net_qdisc.c \
             src/net/netwatch.c \
             src/net/resolve.c \
             src/net/sip_transport.c \
             src/net/sip_transport_tcp.c

STORE_SRC := \
             src/store/device_store.c \
             src/store/settings.c \
             src/store/settings_file.c

CONF_SRC := \
             src/conf/conf.c \
             src/conf/conf_board.c \
             src/conf/conf_check.c \
             src/conf/conf_commands.c \
             src/conf/conf_file.c \
             src/conf/conf_message.c \
             src/conf/conf_print.c \
             src/conf/conf_section.c \
             src/conf/conf_table.c \
             src/conf/conf_value.c

MEDIA_SRC := \
             src/media/packetizer.c \
             src/media/packetizer_es.c \
             src/media/packetizer_ps.c \
             src/media/stream.c \
             src/media/stream_clock.c \
             src/media/stream_program.c \
             src/media/stream_units.c \
             src/media/viewer.c \
             src/media/viewer_tcp.c \
             src/media/viewer_udp.c \
             src/media/viewer_wait.c

CAMERAS_SRC := \
             src/cameras/camera.c \
             src/cameras/camera_board.c \
             src/cameras/camera_check.c

SESSIONS_SRC := \
             src/sessions/playback.c \
             src/sessions/session.c \
             src/sessions/session_offer.c \
             src/sessions/session_rtcp.c \
             src/sessions/session_tcp.c

HTTP_SRC := \
             src/http/http_policy.c \
             src/http/snapshot.c \
             src/http/upgrade.c

APP_SRC := \
             src/app/alarm_dispatch.c \
             src/app/answers.c \
             src/app/app.c \
             src/app/app_ctl.c \
             src/app/config_store.c \
             src/app/ctl.c \
             src/app/ctl_command.c \
             src/app/ctl_render.c \
             src/app/device_config.c \
             src/app/device_control.c \
             src/app/platform.c \
             src/app/reload.c \
             src/app/status.c

# Snapshots and upgrades with libcurl, or stubs; selected by deps.mk.
HTTP_SRC_CURL := \
             src/http/http.c \
             src/http/http_curl.c
HTTP_SRC_NONE := src/http/http_stub.c

# The SIP trace, or the answer that there is none: WITH_TRACE.
APP_SRC_TRACE    := \
             src/app/ctl_trace.c \
             src/app/trace.c
APP_SRC_NO_TRACE := src/app/trace_stub.c

# Name resolution: getaddrinfo, or for static glibc programs, where it does not work, glibc's DNS resolver.
RESOLVE_SRC_GAI := src/net/resolve_gai.c
RESOLVE_SRC_DNS := src/net/resolve_dns.c

# Local time: localtime, or for static glibc programs, where it costs 60 to 130 KB, the time zone file.
ZONE_SRC_LIBC := src/sys/zone_libc.c
ZONE_SRC_TZIF := src/sys/zone_tzif.c

BOARD_sim_SRC := \
             board/sim/sim.c \
             board/sim/clip.c \
             board/sim/file_kind.c \
             board/sim/sim_check.c \
             board/sim/sound.c \
             board/sim/sim_audio.c \
             board/sim/sim_stream.c \
             board/sim/sim_geo.c \
             board/sim/sim_config.c \
             board/sim/sim_video.c \
             board/sim/bits.c \
             board/sim/sets.c \
             board/sim/slice.c \
             board/sim/access.c \
             board/sim/poc.c \
             board/sim/sim_event.c \
             board/sim/sim_input.c \
             board/sim/sim_snapshot.c \
             board/sim/sim_upgrade.c \
             board/sim/sim_record.c \
             board/sim/sim_play.c \
             board/sim/sim_head.c \
             board/sim/sim_card.c \
             board/sim/sim_ptz.c
BOARD_template_SRC := board/template/template.c

# Test board; tests.mk builds a daemon with it, $(O)/tests/gbagentd.probe.
TEST_BOARD_SRC := tests/board/probe.c

# One test program per module; UPPER_UNIT_TESTS are linked with the upper half as well.
UNIT_TESTS := \
             test_util \
             test_addr \
             test_walltime \
             test_tzif \
             test_trace \
             test_nal \
             test_ps \
             test_rtcp \
             test_gbid \
             test_digest \
             test_ptz_code \
             test_charset \
             test_sip_scan \
             test_sip_torture \
             test_sip_framing \
             test_sdp \
             test_sdp_answer \
             test_mansrtsp \
             test_xml \
             test_manscdp \
             test_config \
             test_device \
             test_device_state \
             test_control \
             test_router_control \
             test_pager \
             test_record \
             test_router \
             test_router_config \
             test_alarm \
             test_notifier \
             test_registration \
             test_redirect \
             test_keepalive \
             test_call \
             test_mux \
             test_sip_tx \
             test_auth \
             test_note \
             test_dialects \
             test_subscription \
             test_verbs \
             test_call_kept \
             test_notify_bodies \
             test_call_eof test_challenge test_torture test_silence test_log_flood \
             test_agent_oom
UPPER_UNIT_TESTS := \
             test_http \
             test_sim_events \
             test_sim_audio \
             test_netwatch \
             test_clock \
             test_conf \
             test_ctl \
             test_daemon \
             test_sip_transport \
             test_resolve \
             test_settings \
             test_sim_config \
             test_sim_input \
             test_camera \
             test_board_config \
             test_config_store \
             test_net \
             test_loop \
             test_stream \
             test_stream_audio \
             test_stream_clock \
             test_stream_faults \
             test_stream_silence \
             test_sim \
             test_sim_poc \
             test_sim_access \
             test_sim_check \
             test_sim_record \
             test_sim_play \
             test_playback \
             test_sim_head \
             test_device_store \
             test_packetizer \
             test_viewer_send \
             test_packetizer_es \
             test_qdisc \
             test_shaped_link \
             test_ps_ffmpeg \
             test_viewer

# Support code of fuzz_agent; see tests/tests.mk.
FUZZ_RIG_SRC := tests/fuzz/judge.c tests/fuzz/snapshot.c src/sip/scan.c src/sip/party.c src/util/span.c

FUZZ_TARGETS := \
             fuzz_conf \
             fuzz_settings \
             fuzz_agent \
             fuzz_sip_framing \
             fuzz_sip_scan \
             fuzz_sdp \
             fuzz_mansrtsp \
             fuzz_manscdp \
             fuzz_ptz \
             fuzz_media \
             fuzz_sound \
             fuzz_rtcp \
             fuzz_sim_poc \
             fuzz_digest \
             fuzz_trace
