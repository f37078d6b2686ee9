# SPDX-License-Identifier: MIT
# Every source by name: nothing is compiled because it happens to lie there.

UTIL_SRC := \
             src/util/span.c \
             src/util/buf.c \
             src/util/hash.c \
             src/util/heap.c \
             src/util/log.c \
             src/util/addr.c \
             src/util/walltime.c \
             src/util/zone.c

CODEC_SRC := \
             src/codec/sip_scan.c \
             src/codec/sip_party.c \
             src/codec/sip_stream.c \
             src/codec/sdp.c \
             src/codec/mansrtsp.c \
             src/codec/gbid.c \
             src/codec/digest.c \
             src/codec/charset.c \
             src/codec/xml.c \
             src/codec/xml_write.c \
             src/codec/ptz_code.c \
             src/codec/nal.c \
             src/codec/ps.c \
             src/codec/ps_program.c \
             src/codec/rtcp.c \
             src/codec/xml_walk.c

MANSCDP_SRC := \
             src/manscdp/alarm.c \
             src/manscdp/catalog.c \
             src/manscdp/config.c \
             src/manscdp/config_plan.c \
             src/manscdp/config_read.c \
             src/manscdp/config_svac.c \
             src/manscdp/config_write.c \
             src/manscdp/control.c \
             src/manscdp/control_head.c \
             src/manscdp/presets.c \
             src/manscdp/device.c \
             src/manscdp/keepalive.c \
             src/manscdp/message.c \
             src/manscdp/record.c \
             src/manscdp/notify.c \
             src/manscdp/notice.c \
             src/manscdp/position.c \
             src/manscdp/subscribe.c \
             src/manscdp/snapshot.c \
             src/manscdp/upgrade.c \
             src/manscdp/table.c

CORE_SRC := \
             src/core/device.c \
             src/core/device_state.c \
             src/core/device_state_text.c \
             src/core/router.c \
             src/core/router_control.c \
             src/core/router_query.c \
             src/core/ptz_pages.c \
             src/core/router_config.c \
             src/core/catalog_pages.c \
             src/core/record_pages.c \
             src/core/pager.c \
             src/core/alarm.c \
             src/core/alarm_input.c \
             src/core/agent_parts.c \
             src/core/agent_notice.c \
             src/core/router_place.c \
             src/core/agent.c \
             src/core/agent_config.c \
             src/core/agent_verbs.c \
             src/core/agent_input.c \
             src/core/agent_note.c \
             src/core/agent_queue.c \
             src/core/agent_send.c \
             src/core/auth.c \
             src/core/call.c \
             src/core/call_table.c \
             src/core/call_answer.c \
             src/core/call_dialog.c \
             src/core/call_match.c \
             src/core/call_offer.c \
             src/core/call_request.c \
             src/core/call_parting.c \
             src/core/keepalive.c \
             src/core/mux.c \
             src/core/mux_source.c \
             src/core/notifier.c \
             src/core/registration.c \
             src/core/registration_link.c \
             src/core/registration_peer.c \
             src/core/rng.c \
             src/core/sip_client_tx.c \
             src/core/sip_clock.c \
             src/core/sip_dialog.c \
             src/core/sip_message.c \
             src/core/catalog_item.c \
             src/core/subscription.c \
             src/core/subscription_catalog.c \
             src/core/subscription_position.c \
             src/core/subscription_request.c \
             src/core/subscription_send.c \
             src/core/sip_server_tx.c

SHELL_SRC := \
             src/shell/ctl.c \
             src/shell/ctl_command.c \
             src/shell/ctl_render.c \
             src/shell/daemon.c \
             src/shell/log_sink.c \
             src/shell/log_syslog.c \
             src/shell/conf.c \
             src/shell/conf_board.c \
             src/shell/conf_check.c \
             src/shell/conf_file.c \
             src/shell/conf_section.c \
             src/shell/conf_table.c \
             src/shell/conf_value.c \
             src/shell/conf_http.c \
             src/shell/http_policy.c \
             src/shell/snapshot.c \
             src/shell/upgrade.c \
             src/shell/conf_print.c \
             src/shell/loop.c \
             src/shell/net.c \
             src/shell/net_qdisc.c \
             src/shell/resolve.c \
             src/shell/settings.c \
             src/shell/settings_file.c \
             src/shell/sip_transport.c \
             src/shell/sip_tcp.c \
             src/shell/netwatch.c \
             src/shell/clock.c \
             src/shell/link.c \
             src/shell/camera.c \
             src/shell/camera_ask.c \
             src/shell/camera_check.c \
             src/shell/session.c \
             src/shell/session_offer.c \
             src/shell/session_play.c \
             src/shell/playback.c \
             src/shell/session_rtcp.c \
             src/shell/session_tcp.c \
             src/shell/app.c \
             src/shell/app_alarm.c \
             src/shell/answers.c \
             src/shell/orders.c \
             src/shell/device_store.c \
             src/shell/conf_set.c \
             src/shell/app_records.c \
             src/shell/app_reload.c \
             src/shell/app_http.c \
             src/shell/app_config.c \
             src/shell/config_store.c \
             src/shell/app_status.c \
             src/shell/app_place.c \
             src/shell/plan.c \
             src/shell/plan_es.c \
             src/shell/plan_layout.c \
             src/shell/stream_source.c \
             src/shell/stream_laggards.c \
             src/shell/stream_plans.c \
             src/shell/stream_program.c \
             src/shell/stream_silence.c \
             src/shell/stream_declare.c \
             src/shell/stream_clock.c \
             src/shell/stream_units.c \
             src/shell/viewer.c \
             src/shell/viewer_laggard.c \
             src/shell/viewer_life.c \
             src/shell/viewer_pace.c \
             src/shell/viewer_ring.c \
             src/shell/viewer_udp_way.c \
             src/shell/viewer_wait.c \
             src/shell/viewer_stats.c \
             src/shell/viewer_udp.c \
             src/shell/viewer_tcp.c

# Snapshots and upgrades by libcurl, or the answer that there is none: deps.mk chooses.
HTTP_SRC_CURL := \
             src/shell/http.c \
             src/shell/http_request.c
HTTP_SRC_NONE := src/shell/http_stub.c

# Names to addresses: by getaddrinfo, or where that is no use (static programs of glibc) by the resolver beneath it.
RESOLVE_SRC_GAI := src/shell/resolve_gai.c
RESOLVE_SRC_DNS := src/shell/resolve_dns.c

# Local time: by localtime, or where that costs 60 to 130 KB (the same programs) from the zone's file.
ZONE_SRC_LIBC := src/shell/zone_libc.c
ZONE_SRC_TZIF := src/shell/zone_tzif.c

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

# A board for tests alone: a daemon with it, $(O)/tests/gbagentd.probe, is made by tests.mk.
TEST_BOARD_SRC := tests/board/probe.c

# One test program a module; those of the shell link it too.
UNIT_TESTS := \
             test_util \
             test_addr \
             test_walltime \
             test_zone \
             test_nal \
             test_ps \
             test_rtcp \
             test_gbid \
             test_digest \
             test_ptz_code \
             test_charset \
             test_sip_scan \
             test_sip_torture \
             test_sip_stream \
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
SHELL_UNIT_TESTS := \
             test_http \
             test_sim_order \
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
             test_plan \
             test_viewer_send \
             test_plan_es \
             test_qdisc \
             test_shaped_link \
             test_ps_ffmpeg \
             test_viewer

# What fuzz_agent leans on; see tests/tests.mk.
FUZZ_RIG_SRC := tests/fuzz/judge.c tests/fuzz/snapshot.c src/codec/sip_scan.c src/codec/sip_party.c src/util/span.c

FUZZ_TARGETS := \
             fuzz_conf \
             fuzz_settings \
             fuzz_agent \
             fuzz_sip_stream \
             fuzz_sip_scan \
             fuzz_sdp \
             fuzz_mansrtsp \
             fuzz_manscdp \
             fuzz_ptz \
             fuzz_media \
             fuzz_sound \
             fuzz_rtcp \
             fuzz_sim_poc \
             fuzz_digest
