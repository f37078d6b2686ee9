/* SPDX-License-Identifier: MIT */
#include "conf/conf_priv.h"

#include <stddef.h>

#define SIZE_OF(s, f) sizeof(((struct s *)0)->f)
#define AT(b, s, f)   .base = b, .offset = offsetof(struct s, f), .size = SIZE_OF(s, f)
#define CONF(f)       AT(CONF_IN_CONF, conf, f)
#define PLATFORM(f)   AT(CONF_IN_PLATFORM, conf_platform, f)
#define ITEM(f)       AT(CONF_IN_ITEM, device_item_config, f)
#define CHANNEL(f)    AT(CONF_IN_CHANNEL, conf_channel, f)
#define INFO(i)       ITEM(info[CATALOG_##i])

const struct conf_section_info conf_section_table[CONF_SECTIONS] = {
    [CONF_DEVICE] = { "device", CONF_UNNAMED,
                      HELP("The device, as every platform sees it.", "设备信息，对所有平台相同。"), NULL, false },
    [CONF_PLATFORM] = { "platform", CONF_NAMED,
                        HELP("A platform to register with. Each platform has its own [platform NAME] section; "
                             "all get the same channels.",
                             "要注册的上级平台。接入多个平台时，"
                             "每个平台写一节 [platform NAME]，通道相同。"),
                        "main", false },
    [CONF_CHANNEL] = { "channel", CONF_BY_ID,
                       HELP("A channel (camera), by its 20-digit ID. One section per channel, in catalog order.",
                            "通道（摄像机），节名为其 20 位编码。每个通道一节，"
                            "先后顺序即目录中的顺序。"),
                       "34020000001310000001", false },
    [CONF_ALARM] = { "alarm", CONF_BY_ID,
                     HELP("An alarm input, by its 20-digit ID (type 134).",
                          "报警输入，节名为其 20 位编码（类型 134）。"),
                     "34020000001340000001", true },
    [CONF_AUDIO] = { "audio", CONF_BY_ID,
                     HELP("An audio output (loudspeaker), by its 20-digit ID (type 137). Platforms infer "
                          "that they can broadcast to it: add it only if the device can play audio.",
                          "语音输出（扬声器），节名为其 20 位编码（类型 137）。"
                          "平台见到它就会认为可以语音广播，只有能播放音频的设备才应配置。"),
                     "34020000001370000001", true },
    [CONF_MEDIA] = { "media", CONF_UNNAMED, HELP("Media settings for all platforms.", "媒体设置，对所有平台有效。"),
                     NULL, false },
    [CONF_CONTROL] = { "control", CONF_UNNAMED,
                       HELP("Control socket for gbagentctl.", "供 gbagentctl 连接的控制套接字。"), NULL, false },
    [CONF_HTTP] = { "http", CONF_UNNAMED,
                    HELP("Snapshot uploads and firmware downloads by HTTP or HTTPS.",
                         "抓拍图像的上传和升级固件的下载，使用 HTTP 或 HTTPS。"),
                    NULL, false },
    [CONF_LOG] = { "log", CONF_UNNAMED, HELP("Logging.", "日志。"), NULL, false },
    [CONF_BOARD] = { "board", CONF_NAMED,
                     HELP("Settings of a board, by its name in source = NAME:. The keys depend on the board; gbagentd "
                          "--print-config lists those of the boards built in.",
                          "移植层自己的配置，NAME 即 source = NAME: 中的名称。"
                          "有哪些配置项，由移植层决定：gbagentd --print-config=zh "
                          "列出本程序内置移植层的全部配置项。"),
                     NULL, false },
};

static const char *const transports[] = { "udp", "tcp", NULL };
static const char *const editions[] = { "2011", "2016", "2022", NULL };
static const char *const time_syncs[] = { "off", "event", "set", NULL };
static const char *const notes[] = { "off", "md5", "sha1", "sha256", NULL };
static const char *const algorithms[] = { "md5", "sha-256", NULL };
static const char *const order_froms[] = { "platform", "any", NULL };
static const char *const allow_deny[] = { "allow", "deny", NULL };
static const char *const uploads[] = { "put", "post", "multipart", NULL };
static const char *const security_levels[] = { "none", "A", "B", "C", NULL };
static const char *const alarm_notifies[] = { "auto", "message", "both", NULL };
static const char *const position_formats[] = { "flat", "list", NULL };
static const char *const pacings[] = { "off", "loop", "kernel", NULL };
static const char *const sends[] = { "auto", "gso", "mmsg", "msg", NULL };
static const char *const rtcps[] = { "off", "udp", "all", NULL };
static const char *const framings[] = { "rfc4571", "interleaved", NULL };

const struct conf_key conf_key_table[] = {
    { CONF_DEVICE, "id", &conf_id, CONF(device.id), .example = "34020000001320000001",
      HELP("Device ID, assigned by the platform's operator.", "设备编码，由平台运营方分配。") },
    { CONF_DEVICE, "name", &conf_text, CONF(device.name), .def = "IPC", HELP("Device name.", "设备名称。") },
    { CONF_DEVICE, "manufacturer", &conf_text, CONF(device.manufacturer), .def = "",
      HELP("Manufacturer. Empty: as reported by the board.", "设备生产商。留空则采用移植层上报的值。") },
    { CONF_DEVICE, "model", &conf_text, CONF(device.model), .def = "",
      HELP("Model. Empty: as reported by the board.", "设备型号。留空则采用移植层上报的值。") },
    { CONF_DEVICE, "firmware", &conf_text, CONF(device.firmware), .def = "",
      HELP("Firmware version. Empty: as reported by the board.", "固件版本。留空则采用移植层上报的值。") },
    { CONF_DEVICE, "timezone", &conf_zone, AT(CONF_IN_CONF, conf, utc_offset_s), .def = "+08:00",
      HELP("Time zone of all times sent to platforms: an offset from UTC, or local for the system's time zone. "
           "Platforms expect Beijing time.",
           "发给平台的时间所用的时区：相对 UTC 的偏移，或 local（系统时区）。平台要求北京时间。") },
    { CONF_DEVICE, "catalog_self", &conf_bool, CONF(device.catalog_self), .def = "no",
      HELP("Whether the catalog lists the device itself before its channels.",
           "目录中是否先列出设备自身，再列出各通道。") },
    { CONF_DEVICE, "settings", &conf_maybe_path, CONF(settings_path), .def = GBAGENT_STATEDIR "/settings",
      HELP("File that stores the settings made by platforms (OSD, recording plans, names, heartbeat ...) across "
           "restarts. Its directory must exist. Empty: kept in memory only. A platform's setting remains in force "
           "until the corresponding value in the config changes.",
           "保存平台下发的设置（OSD、录像计划、名称、心跳参数等）的文件，重启后仍然有效；所在目"
           "录必须已存在。留空则只保存在内存中。平台设置的值一直有效，直到配置文件中对应的值被"
           "修改。") },

    { CONF_PLATFORM, "server", &conf_server, AT(CONF_IN_PLATFORM, conf_platform, server_host),
      .example = "127.0.0.1:5060",
      HELP("SIP server of the platform: address or host name, with the port unless it is 5060.",
           "平台的 SIP 服务器：地址或域名，端口不是 5060 时要一并写出。") },
    { CONF_PLATFORM, "id", &conf_id, PLATFORM(agent.server_id), .example = "34020000002000000001",
      HELP("ID of the platform's SIP server.", "平台的 SIP 服务器编码。") },
    { CONF_PLATFORM, "password", &conf_text, PLATFORM(agent.password), .def = "", .example = "12345678", .secret = true,
      HELP("Password for the registration. Empty: challenges are not answered.", "注册密码。留空则不响应认证质询。") },
    { CONF_PLATFORM, "min_algorithm", &conf_choice, PLATFORM(agent.sha256_only), .choice = algorithms, .def = "md5",
      HELP("Weakest digest algorithm accepted in a challenge: md5 or sha-256. Platforms up to 2016 support only md5.",
           "平台质询时可接受的最低摘要算法：md5 或 sha-256。2016 及更早版本的平台只支持 md5。") },
    { CONF_PLATFORM, "domain", &conf_word, PLATFORM(agent.domain), .def = "",
      HELP("SIP domain. Empty: the first ten digits of the platform's ID.", "SIP 域。留空则取平台编码的前十位。") },
    { CONF_PLATFORM, "transport", &conf_choice, PLATFORM(agent.transport), .choice = transports, .def = "udp",
      HELP("SIP transport.", "信令的传输协议。") },
    { CONF_PLATFORM, "username", &conf_text, PLATFORM(agent.username), .def = "",
      HELP("User name for the registration. Empty: the device ID.", "注册用户名。留空则为设备编码。") },
    { CONF_PLATFORM, "expires", &conf_uint, PLATFORM(agent.expires_s), .min = 60, .max = 31536000, .def = "86400",
      HELP("Registration lifetime to request, in seconds. The standard's minimum is 3600.",
           "注册有效期，单位为秒。标准规定不小于 3600。") },
    { CONF_PLATFORM, "keepalive_interval", &conf_uint, PLATFORM(agent.keepalive_interval_s), .min = 1, .max = 3600,
      .def = "60", HELP("Keepalive interval in seconds.", "心跳间隔，单位为秒。") },
    { CONF_PLATFORM, "keepalive_count", &conf_uint, PLATFORM(agent.keepalive_count), .min = 1, .max = 100, .def = "3",
      HELP("Consecutive keepalives without a response (within 10 s; retries follow every 5 s) before REGISTER is sent "
           "again. Without a response to that within 10 s the platform counts as offline.",
           "连续多少次心跳无应答（10 秒无应答计一次，之后每 5 秒重发）便重新发送 REGISTER；10 秒内仍"
           "无应答则判定平台离线。") },
    { CONF_PLATFORM, "local_port", &conf_uint, PLATFORM(local_port), .min = 0, .max = 65535, .def = "0",
      HELP("Local SIP port; 0: chosen by the kernel.", "信令的本地端口；0 为由内核选择。") },
    { CONF_PLATFORM, "version", &conf_choice, PLATFORM(agent.edition), .choice = editions, .def = "2016",
      HELP("Newest edition of GB/T 28181 to use with the platform. If the platform announces an older one (X-GB-Ver), "
           "that is used.",
           "与该平台通信时采用的最高 GB/T 28181 版本；平台以 X-GB-Ver 声明的版本较低时，按较低的版本通"
           "信。") },
    { CONF_PLATFORM, "charset", &conf_charset, PLATFORM(agent.charset), .def = "",
      HELP("Charset of outgoing messages. Empty: by version, gb2312 for 2011 and 2016, gb18030 for 2022.",
           "所发消息的字符集。留空则由 version 决定：2011、2016 为 gb2312，2022 为 gb18030。") },
    { CONF_PLATFORM, "note_digest", &conf_choice, PLATFORM(agent.note_digest), .choice = notes, .def = "off",
      HELP("Signalling digest (2016, annex H): every request except REGISTER carries Note and Date; requests from the "
           "platform without valid ones are refused with 403.",
           "数字摘要信令认证（2016 附录 H）：除 REGISTER 外的请求都携带 Note 和 Date；平台的请求缺少或不符时"
           "应答 403。") },
    { CONF_PLATFORM, "note_seed", &conf_text, PLATFORM(agent.note_seed), .def = "", .secret = true,
      HELP("Shared secret of the signalling digest.", "数字摘要信令认证的密钥，与平台一致。") },
    { CONF_PLATFORM, "note_window", &conf_uint, PLATFORM(agent.note_window_s), .min = 10, .max = 86400, .def = "600",
      HELP("Maximum clock difference for the Date of a signed request, in seconds.",
           "带摘要的请求中 Date 允许的偏差，单位为秒。") },
    { CONF_PLATFORM, "time_sync", &conf_choice, PLATFORM(agent.time_sync), .choice = time_syncs, .def = "event",
      HELP("What to do with the platform's time: off ignores it, event logs it and passes it to the board, set sets "
           "the system clock.",
           "网络校时：off 忽略平台时间，event 只记录日志并通知移植层，set 设置系统时钟。") },
    { CONF_PLATFORM, "allow", &conf_cidrs, PLATFORM(agent.allow),
      .count_offset = offsetof(struct conf_platform, agent.nallow), .def = "",
      HELP("Source addresses of requests to accept in addition to the server's.",
           "除该平台服务器的地址外，还接受来自哪些地址的请求。") },
    { CONF_PLATFORM, "allow_any_port", &conf_bool, PLATFORM(agent.any_port), .def = "no",
      HELP("Whether accepted addresses may send from any port.", "已接受的地址是否可从任意端口发送请求。") },
    { CONF_PLATFORM, "order_from", &conf_choice, PLATFORM(agent.control_from_any), .choice = order_froms,
      .def = "platform",
      HELP("From whom DeviceControl and DeviceConfig are accepted: platform requires the platform's ID in From, any "
           "accepts every permitted sender. PTZ stop is always accepted.",
           "接受谁的控制命令：platform 要求 DeviceControl 与 DeviceConfig 的 From 为该平台编码，any 则接受允许"
           "发送请求的任何一方。云台停止命令总会执行。") },
    { CONF_PLATFORM, "ptz", &conf_choice, PLATFORM(agent.ptz_deny), .choice = allow_deny, .def = "allow",
      HELP("Whether this platform may move the cameras.", "该平台能否控制云台。") },
    { CONF_PLATFORM, "ptz_timeout", &conf_uint, PLATFORM(agent.ptz_timeout_s), .min = 0, .max = 86400, .def = "0",
      HELP("Seconds after loss of the registration until a movement started by this platform is stopped; 0: never.",
           "注册失效多少秒后停止该平台发起的云台动作；0 为不停止。") },
    { CONF_PLATFORM, "control_deny", &conf_commands, PLATFORM(agent.control_deny), .def = "",
      HELP("Control commands denied to this platform.", "禁止该平台使用的控制命令。") },
    { CONF_PLATFORM, "control_interval", &conf_uint, PLATFORM(agent.control_interval_s), .min = 0, .max = 86400,
      .def = "60",
      HELP("Minimum interval in seconds between two TeleBoot, FormatSDCard or DeviceUpgrade commands from this "
           "platform.",
           "该平台的两次 TeleBoot、两次 FormatSDCard 或两次 DeviceUpgrade 之间的最小间隔，单位为秒。") },
    { CONF_PLATFORM, "config_interval", &conf_uint, PLATFORM(agent.config_interval_s), .min = 0, .max = 86400,
      .def = "0",
      HELP("Minimum interval in seconds between two DeviceConfig commands from this platform.",
           "该平台的两次 DeviceConfig 之间的最小间隔，单位为秒。") },
    { CONF_PLATFORM, "public_address", &conf_address, PLATFORM(agent.public_address), .max = 65535, .def = "",
      HELP("Address, with or without port, to use in Contact. Empty: as seen by the platform.",
           "Contact 中填写的地址，可带端口。留空则采用平台看到的地址。") },
    { CONF_PLATFORM, "media_address", &conf_address, PLATFORM(agent.media_address), .max = 0, .def = "",
      HELP("Address to use in SDP. Empty: as in Contact.", "应答的 SDP 中填写的媒体地址。留空则与 Contact 相同。") },
    { CONF_PLATFORM, "interface", &conf_word, PLATFORM(interface), .def = "",
      HELP("Network interface to use. Empty: according to the routing table.", "使用的网络接口。留空则由路由决定。") },
    { CONF_PLATFORM, "alarm_latch", &conf_latch, PLATFORM(agent.alarm_latch_s), .max = 86400, .def = "off",
      HELP("How long an alarm input stays silent after an alarm that was not reset: off, a number of seconds, "
           "or strict (until the platform resets it).",
           "报警输入报警之后、平台复位之前，多久之内不再上报：off（不锁存）、秒数，或 strict（直到"
           "平台复位）。") },
    { CONF_PLATFORM, "alarm_interval", &conf_uint, PLATFORM(agent.alarm_interval_s), .min = 0, .max = 3600, .def = "5",
      HELP("Minimum interval in seconds between two alarms with the same AlarmMethod from one channel or input.",
           "同一通道或报警输入以同一 AlarmMethod 两次报警之间的最小间隔，单位为秒。") },
    { CONF_PLATFORM, "alarm_notify", &conf_choice, PLATFORM(agent.alarm_notify), .choice = alarm_notifies,
      .def = "auto",
      HELP("How alarms are sent: auto uses NOTIFY if the platform has subscribed and MESSAGE otherwise, message only "
           "MESSAGE, both NOTIFY to subscribers and MESSAGE.",
           "报警的上报方式：auto 在平台已订阅报警时用 NOTIFY，否则用 MESSAGE；message 只用 MESSAGE；both 用 "
           "MESSAGE，对已订阅者同时用 NOTIFY。") },
    { CONF_PLATFORM, "alarm_requires_guard", &conf_bool, PLATFORM(agent.alarm_requires_guard), .def = "no",
      HELP("Whether alarms are sent only while guard is set (GuardCmd).",
           "是否仅在平台布防（GuardCmd）期间上报报警。") },
    { CONF_PLATFORM, "notify_batch", &conf_uint, PLATFORM(agent.notify_batch_s), .min = 0, .max = 3600, .def = "1",
      HELP("Seconds for which catalog changes are collected before subscribers are notified; changes that cancel out "
           "are omitted.",
           "目录变更合并多少秒后再通知订阅者；期间相互抵消的变更不通知。") },
    { CONF_PLATFORM, "position_format", &conf_choice, PLATFORM(agent.position_format), .choice = position_formats,
      .def = "flat",
      HELP("Format of MobilePosition: flat as in 2016, which every platform supports, or list as in 2022.",
           "MobilePosition 的格式：flat 为 2016 的单条格式，所有平台都能解析；list 为 2022 的列表格式。") },
    { CONF_PLATFORM, "subscribe_body", &conf_bool, PLATFORM(agent.subscribe_body), .def = "no",
      HELP("Whether the response to SUBSCRIBE has a body, as in the samples of 2016.",
           "对 SUBSCRIBE 的应答是否带消息体（2016 的示例带）。") },

    { CONF_CHANNEL, "name", &conf_text, ITEM(name), .def = "", .example = "大门",
      HELP("Channel name. Empty: its ID.", "通道名称。留空则为通道编码。") },
    { CONF_CHANNEL, "source", &conf_source, CHANNEL(source), .example = "sim:",
      HELP("Video source, as BOARD:TEXT. sim: is the bundled clip, sim:/path/to/clip.h264 another file; several "
           "files, separated by commas, are played in turn.",
           "视频源，写作 BOARD:TEXT。sim: 为自带的视频片段，sim:/path/to/clip.h264 为其他文件；多个文件以逗"
           "号分隔，依次播放。") },
    { CONF_CHANNEL, "source1", &conf_source, CHANNEL(substream[0]), .def = "",
      HELP("Video source of sub stream 1, on the same board. Empty: the board decides; if it has none, the main "
           "stream is used.",
           "子码流 1 的视频源，须与主码流属于同一移植层。留空则由移植层决定；移植层没有该子码流"
           "时改用主码流。") },
    { CONF_CHANNEL, "source2", &conf_source, CHANNEL(substream[1]), .def = "",
      HELP("The same for sub stream 2.", "子码流 2 的视频源，同上。") },
    { CONF_CHANNEL, "source3", &conf_source, CHANNEL(substream[2]), .def = "",
      HELP("The same for sub stream 3.", "子码流 3 的视频源，同上。") },
    { CONF_CHANNEL, "audio", &conf_source, CHANNEL(audio), .def = "",
      HELP("Audio source, on the same board: sim:tone is a 1 kHz tone, sim:/path/to/sound.pcma a file (.pcma and "
           ".pcmu: G.711, .aac: AAC with ADTS headers, .g7221: G.722.1). Empty: no audio. SRS supports only AAC.",
           "音频源，须与主码流属于同一移植层：sim:tone 为 1 kHz 单音，sim:/path/to/sound.pcma 为文件（.pcma、"
           ".pcmu 为 G.711，.aac 为带 ADTS 头的 AAC，.g7221 为 G.722.1）。留空则不发送音频；SRS 只接受 AAC。") },
    { CONF_CHANNEL, "fps", &conf_uint, CHANNEL(fps), .min = 0, .max = 240, .def = "0",
      HELP("Frame rate; 0: as reported by the board.", "帧率；0 为采用移植层上报的值。") },
    { CONF_CHANNEL, "picture_timeout", &conf_uint, CHANNEL(picture_timeout_s), .min = 0, .max = 86400, .def = "10",
      HELP("Seconds without a frame after which an open source counts as lost and is reopened, even if it still "
           "delivers audio. A source with a low frame rate has 5 times its longest frame interval of the last minute, "
           "the first frame 20 s. 0: never.",
           "正在取流的视频源多少秒不出图即判定为丢失并重新打开，有无音频均如此；低帧率的源放宽"
           "到最近一分钟内最长帧间隔的 5 倍，首帧放宽到 20 秒。0 为不判定。") },
    { CONF_CHANNEL, "manufacturer", &conf_text, ITEM(manufacturer), .def = "",
      HELP("Manufacturer. Empty: the device's.", "生产商。留空则与设备相同。") },
    { CONF_CHANNEL, "model", &conf_text, ITEM(model), .def = "",
      HELP("Model. Empty: the device's.", "型号。留空则与设备相同。") },
    { CONF_CHANNEL, "owner", &conf_text, ITEM(owner), .def = "",
      HELP("Owner. Empty: the device's.", "设备归属。留空则与设备相同。") },
    { CONF_CHANNEL, "civil_code", &conf_word, ITEM(civil_code), .def = "",
      HELP("Administrative division. Empty: the first six digits of the ID.",
           "行政区划代码。留空则取通道编码的前六位。") },
    { CONF_CHANNEL, "block", &conf_word, ITEM(block), .def = "", HELP("Police district.", "警区。") },
    { CONF_CHANNEL, "address", &conf_text, ITEM(address), .def = "", HELP("Installation address.", "安装地址。") },
    { CONF_CHANNEL, "parent", &conf_word, ITEM(parent), .def = "",
      HELP("Parent ID. Empty: the device's.", "父节点编码。留空则为设备编码。") },
    { CONF_CHANNEL, "longitude", &conf_degrees, ITEM(longitude), .max = 180, .def = "",
      HELP("Longitude in degrees, east positive (WGS-84).", "经度，单位为度，东经为正（WGS-84）。") },
    { CONF_CHANNEL, "latitude", &conf_degrees, ITEM(latitude), .max = 90, .def = "",
      HELP("Latitude in degrees, north positive (WGS-84).", "纬度，单位为度，北纬为正（WGS-84）。") },
    { CONF_CHANNEL, "ptz_type", &conf_uint, ITEM(ptz_type), .min = 0, .max = 7, .def = "0",
      HELP("Camera type: 0 unspecified, 1 dome, 2 half dome, 3 fixed, 4 bullet with remote control, 5 half dome with "
           "remote control, 6 and 7 multi-lens.",
           "摄像机结构类型：0 未填，1 球机，2 半球，3 固定枪机，4 遥控枪机，5 遥控半球，6 多目设备的"
           "全景或拼接通道，7 多目设备的分割通道。") },

    { CONF_CHANNEL, "secrecy", &conf_bool, ITEM(secret), .def = "no",
      HELP("Whether the catalog marks the channel as classified (Secrecy).",
           "目录中的保密属性（Secrecy）：是否涉密。") },
    { CONF_CHANNEL, "ip_address", &conf_word, ITEM(ip_address), .def = "",
      HELP("IP address for the catalog.", "目录中填写的 IP 地址。") },
    { CONF_CHANNEL, "port", &conf_uint, ITEM(port), .min = 0, .max = 65535, .def = "0",
      HELP("Port for the catalog; 0: unspecified.", "目录中填写的端口；0 为不填。") },
    { CONF_CHANNEL, "security_level", &conf_choice, ITEM(security), .choice = security_levels, .def = "none",
      HELP("GB 35114 security level (2022).", "GB 35114 安全能力等级（2022）。") },
    { CONF_CHANNEL, "position_type", &conf_code, INFO(POSITION), .min = 1, .max = 10, .def = "",
      HELP("Type of location (2016): 1 provincial checkpoint, 2 party or government, 3 station, 4 square, 5 stadium, "
           "6 business, 7 religious site, 8 around a school, 9 high-crime area, 10 main road.",
           "位置类型（2016）：1 省际检查站，2 党政机关，3 车站码头，4 中心广场，5 体育场馆，6 商业中"
           "心，7 宗教场所，8 校园周边，9 治安复杂区域，10 交通干线。") },
    { CONF_CHANNEL, "capture_position", &conf_code, INFO(CAPTURE_POSITION), .min = 0, .max = 9999999, .def = "",
      HELP("Type of location (2022): seven digits from its annex O.", "采集部位类型（2022），附录 O 的七位代码。") },
    { CONF_CHANNEL, "room_type", &conf_code, INFO(ROOM), .min = 1, .max = 2, .def = "",
      HELP("1 outdoors, 2 indoors. Empty, as with all codes below: unspecified.",
           "安装位置：1 室外，2 室内。与以下各代码一样，留空为不填。") },
    { CONF_CHANNEL, "use_type", &conf_code, INFO(USE), .min = 1, .max = 3, .def = "",
      HELP("Use (2016): 1 public security, 2 traffic, 3 key location.", "用途（2016）：1 治安，2 交通，3 重点。") },
    { CONF_CHANNEL, "imaging_type", &conf_word, INFO(IMAGING), .def = "",
      HELP("Imaging (2022): 1 visible light, 2 thermal, 3 radar, 4 X-ray, 5 depth, 9 other; several separated by /.",
           "光电成像类型（2022）：1 可见光，2 热成像，3 雷达，4 X 光，5 深度光场，9 其他；多个以 / 分"
           "隔。") },
    { CONF_CHANNEL, "supply_light", &conf_code, INFO(SUPPLY_LIGHT), .min = 1, .max = 9, .def = "",
      HELP("Fill light: 1 none, 2 infrared, 3 white, 4 laser, 9 other.",
           "补光类型：1 无补光，2 红外，3 白光，4 激光，9 其他。") },
    { CONF_CHANNEL, "direction", &conf_code, INFO(DIRECTION), .min = 1, .max = 8, .def = "",
      HELP("Viewing direction: 1 east, 2 west, 3 south, 4 north, 5 south-east, 6 north-east, 7 south-west, 8 "
           "north-west.",
           "监视方位：1 东，2 西，3 南，4 北，5 东南，6 东北，7 西南，8 西北。") },
    { CONF_CHANNEL, "resolution", &conf_word, INFO(RESOLUTION), .def = "",
      HELP("Resolutions, as codes of the f= line or WxH; several separated by /.",
           "支持的分辨率，f= 字段的代码或“宽x高”；多个以 / 分隔。") },
    { CONF_CHANNEL, "business_group", &conf_word, INFO(BUSINESS_GROUP), .def = "",
      HELP("ID of the business group of the channel.", "所属业务分组的编码。") },
    { CONF_CHANNEL, "stream_numbers", &conf_word, INFO(STREAMS), .def = "",
      HELP("Available streams (2022), such as 0/1/2: main, first sub stream ...",
           "码流编号列表（2022），如 0/1/2：0 为主码流，1 为子码流 1，依此类推。") },
    { CONF_CHANNEL, "download_speed", &conf_word, INFO(DOWNLOAD_SPEED), .def = "",
      HELP("Download speeds, such as 1/2/4.", "支持的下载倍速，如 1/2/4。") },
    { CONF_CHANNEL, "mobile_type", &conf_code, INFO(MOBILE), .min = 1, .max = 9, .def = "",
      HELP("Type of mobile device (2022): 1 robot, 2 body-worn, 3 single soldier, 4 vehicle, 5 drone, 9 other.",
           "移动设备类型（2022）：1 移动机器人，2 执法记录仪，3 移动单兵设备，4 车载设备，5 无人机，"
           "9 其他。") },
    { CONF_CHANNEL, "horizontal_angle", &conf_code, INFO(HORIZONTAL_ANGLE), .min = 1, .max = 360, .def = "",
      HELP("Horizontal angle of view in degrees (2022).", "水平视场角，单位为度（2022）。") },
    { CONF_CHANNEL, "vertical_angle", &conf_code, INFO(VERTICAL_ANGLE), .min = 1, .max = 360, .def = "",
      HELP("Vertical angle of view in degrees (2022).", "竖直视场角，单位为度（2022）。") },
    { CONF_CHANNEL, "view_distance", &conf_code, INFO(VIEW_DISTANCE), .min = 1, .max = 100000, .def = "",
      HELP("Viewing distance in metres (2022).", "最大可视距离，单位为米（2022）。") },
    { CONF_CHANNEL, "grassroots_code", &conf_word, INFO(GRASSROOTS), .def = "",
      HELP("Code of the grass-roots unit (2022). Empty: 000000 where required.",
           "基层组织编码（2022）。留空时，必填之处填 000000。") },
    { CONF_CHANNEL, "point_type", &conf_code, INFO(POINT_TYPE), .min = 1, .max = 9, .def = "",
      HELP("Class of the location (2022): 1, 2, 3, or 9 other. Empty: 9 where required.",
           "监控点位类型（2022）：1 一类，2 二类，3 三类，9 其他。留空时，必填之处填 9。") },
    { CONF_CHANNEL, "point_name", &conf_text, INFO(POINT_NAME), .def = "",
      HELP("Common name of the location (2022).", "点位俗称（2022）。") },
    { CONF_CHANNEL, "mac", &conf_word, INFO(MAC), .def = "",
      HELP("MAC address (2022), as XX-XX-XX-XX-XX-XX.", "MAC 地址（2022），格式为 XX-XX-XX-XX-XX-XX。") },
    { CONF_CHANNEL, "function_type", &conf_word, INFO(FUNCTION), .def = "",
      HELP("Recognition functions (2022): 01 faces, 02 people, 03 vehicles, 04 bicycles, 05 objects, 99 other; "
           "several separated by /.",
           "摄像机功能类型（2022）：01 人脸卡口，02 人员卡口，03 机动车卡口，04 非机动车卡口，05 物品"
           "卡口，99 其他；多个以 / 分隔。") },
    { CONF_CHANNEL, "encode_type", &conf_word, INFO(ENCODE), .def = "",
      HELP("Video codecs (2022), as codes of the f= line: 2 H.264, 5 H.265; several separated by /.",
           "视频编码格式（2022），f= 字段的代码：2 为 H.264，5 为 H.265；多个以 / 分隔。") },
    { CONF_CHANNEL, "install_time", &conf_word, INFO(INSTALL_TIME), .def = "",
      HELP("Installation time (2022), such as 2024-01-31T08:00:00.",
           "安装时间（2022），格式如 2024-01-31T08:00:00。") },
    { CONF_CHANNEL, "management_unit", &conf_text, INFO(MANAGEMENT_UNIT), .def = "",
      HELP("Operating organization (2022).", "管理单位名称（2022）。") },
    { CONF_CHANNEL, "contact", &conf_text, INFO(CONTACT), .def = "",
      HELP("Contact details of the operating organization (2022).", "管理单位联系方式（2022）。") },
    { CONF_CHANNEL, "record_days", &conf_code, INFO(RECORD_DAYS), .min = 0, .max = 36500, .def = "",
      HELP("Days for which recordings are kept (2022).", "录像保存天数（2022）。") },
    { CONF_CHANNEL, "industry", &conf_word, INFO(INDUSTRY), .def = "",
      HELP("Industry code (2022).", "国民经济行业分类代码（2022）。") },

    { CONF_ALARM, "name", &conf_text, ITEM(name), .def = "",
      HELP("Name of the alarm input. Empty: its ID.", "报警输入的名称。留空则为其编码。") },

    { CONF_AUDIO, "name", &conf_text, ITEM(name), .def = "",
      HELP("Name of the audio output. Empty: its ID.", "语音输出的名称。留空则为其编码。") },

    { CONF_MEDIA, "port_min", &conf_uint, CONF(media.port_min), .min = 0, .max = 65535, .def = "0",
      HELP("First local media port; 0: chosen by the kernel.", "媒体本地端口范围的起始端口；0 为由内核选择。") },
    { CONF_MEDIA, "port_max", &conf_uint, CONF(media.port_max), .min = 0, .max = 65535, .def = "0",
      HELP("Last local media port.", "媒体本地端口范围的结束端口。") },
    { CONF_MEDIA, "max_sessions", &conf_uint, CONF(media.max_sessions), .min = 1, .max = 1024, .def = "32",
      HELP("Maximum number of sessions, all platforms together; beyond that, INVITEs get 486.",
           "所有平台合计的最大并发会话数；超出时应答 486。") },
    { CONF_MEDIA, "max_per_channel", &conf_uint, AT(CONF_IN_SHARED, conf_shared, max_per_channel), .min = 1,
      .max = 1024, .def = "4",
      HELP("Maximum number of sessions per channel and platform; beyond that, a new one replaces the oldest live one.",
           "同一平台对同一通道的最大会话数；超出时替换最早的一路实时点播。") },
    { CONF_MEDIA, "pacing", &conf_choice, CONF(media.pacing), .choice = pacings, .def = "loop",
      HELP("Pacing of large frames over UDP: off sends them in one burst, loop spreads them over up to half the frame "
           "interval, kernel leaves pacing to the kernel if the route uses the fq qdisc (otherwise as loop).",
           "UDP 上大帧的发送方式：off 一次发完；loop 分散到至多半个帧间隔内发送；kernel 在出口排队规则"
           "为 fq 时交由内核平滑发送（否则同 loop）。") },
    { CONF_MEDIA, "send", &conf_choice, CONF(media.send), .choice = sends, .def = "auto",
      HELP("System calls for UDP: gso and mmsg send many packets per call, msg one; auto and gso use the best one "
           "available.",
           "UDP 发送所用的系统调用：gso、mmsg 一次发送多个包，msg 一次一个包；auto 与 gso 自动选用可用的"
           "方式。") },
    { CONF_MEDIA, "tcp_framing", &conf_choice, CONF(media.tcp_framing), .choice = framings, .def = "rfc4571",
      HELP("Framing of packets on TCP: rfc4571 as in the standard, or interleaved with '$' and a channel number as in "
           "RTSP.",
           "TCP 上每个包之前的分帧头：rfc4571 为标准规定的方式，interleaved 为 RTSP 式的 '$' 加通道号。") },
    { CONF_MEDIA, "dscp", &conf_uint, CONF(media.dscp), .min = 0, .max = 63, .def = "0",
      HELP("DSCP of media packets.", "媒体包的 DSCP 值。") },
    { CONF_MEDIA, "rtcp", &conf_choice, CONF(media.rtcp), .choice = rtcps, .def = "udp",
      HELP("RTCP sender reports every 5 seconds: off, udp (on the media port plus one), or all (also within TCP "
           "media).",
           "RTCP 发送者报告，每 5 秒一次：off 不发送，udp 在媒体端口加一的端口上发送，all 在 TCP 媒体连"
           "接内也发送。") },
    { CONF_MEDIA, "report_timeout", &conf_uint, CONF(media.report_timeout), .min = 0, .max = 3600, .def = "60",
      HELP("Seconds after which a session ends if its receiver stops sending RTCP reports; 0: never.",
           "接收端的 RTCP 报告中断多少秒后结束会话；0 为不结束。") },
    { CONF_MEDIA, "max_session_time", &conf_uint, CONF(media.max_session_time), .min = 0, .max = 31536000, .def = "0",
      HELP("Maximum duration of a live session, and of a pause in a playback, in seconds; 0: unlimited.",
           "实时点播以及回放暂停的最长时间，单位为秒，到时结束会话；0 为不限。") },
    { CONF_MEDIA, "media_allow", &conf_cidrs, AT(CONF_IN_SHARED, conf_shared, allow),
      .count_offset = offsetof(struct conf_shared, nallow), .def = "",
      HELP("Loopback, link-local and own addresses are refused as media destinations, except those listed here.",
           "允许作为媒体目的地址的环回、链路本地或本机地址，未列出的一律拒绝。") },

    { CONF_CONTROL, "socket", &conf_path, CONF(control_socket), .def = GBAGENT_RUNDIR "/gbagent.sock",
      HELP("Path of the socket.", "套接字的路径。") },

    { CONF_HTTP, "allow", &conf_hosts, CONF(http.allow), .def = "",
      HELP("Hosts, addresses and prefixes permitted in platforms' URLs in addition to the platform's own addresses. "
           "Loopback, link-local and own addresses must be listed as addresses unless the platform itself uses them.",
           "除平台自身的地址外，平台下发的 URL 中允许使用的主机名、地址和网段。环回、链路本地和本"
           "机地址必须以地址形式列出，除非平台自身就使用该地址。") },
    { CONF_HTTP, "upload", &conf_choice, CONF(http.upload), .choice = uploads, .def = "multipart",
      HELP("How snapshots are uploaded: multipart posts a form with the named file, post the raw bytes; put appends "
           "the file name to the URL.",
           "抓拍图像的上传方式：multipart 以表单 POST 带文件名的图像，post 只 POST 图像数据，put 以 PUT 上"
           "传，文件名附在 URL 之后。") },
    { CONF_HTTP, "stall_timeout", &conf_uint, CONF(http.stall_s), .min = 1, .max = 600, .def = "10",
      HELP("Seconds without data after which a transfer fails.", "连续多少秒没有数据即判定传输失败。") },
    { CONF_HTTP, "ca_file", &conf_text, CONF(http.ca_file), .def = "",
      HELP("CA certificates for HTTPS. Empty: the system's.",
           "用于校验 HTTPS 服务器的 CA 证书。留空则使用系统的证书。") },
    { CONF_HTTP, "upgrade_max", &conf_uint, CONF(http.upgrade_max_mb), .min = 1, .max = 4096, .def = "64",
      HELP("Maximum firmware size in MB.", "固件大小的上限，单位为 MB。") },
    { CONF_HTTP, "upgrade_dir", &conf_path, CONF(http.upgrade_dir), .def = GBAGENT_RUNDIR,
      HELP("Directory for downloaded firmware; must not be writable by others.",
           "固件的下载目录，其他用户不得有写权限。") },
    { CONF_HTTP, "upgrade_manufacturer", &conf_text, CONF(http.upgrade_manufacturer), .def = "",
      HELP("Manufacturer required in DeviceUpgrade. Empty: the device's.",
           "DeviceUpgrade 中的生产商须与此一致。留空则为设备的生产商。") },

    { CONF_LOG, "level", &conf_level, CONF(log_level), .def = "info",
      HELP("Log level. trace also logs every SIP message, with credentials masked.",
           "日志级别。trace 还记录每条 SIP 消息，其中的凭据会隐去。") },
    { CONF_LOG, "target", &conf_target, CONF(log_target), .def = "stderr",
      HELP("Log destination: stderr (syslog when in the background), syslog, or a file.",
           "日志输出到哪里：stderr（后台运行时为 syslog）、syslog 或文件。") },
};

const size_t conf_key_count = sizeof(conf_key_table) / sizeof(conf_key_table[0]);
_Static_assert(sizeof(conf_key_table) / sizeof(conf_key_table[0]) <= CONF_KEYS_MAX, "CONF_KEYS_MAX");
