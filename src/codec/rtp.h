/* SPDX-License-Identifier: MIT */
/* RTP (RFC 3550): sizes in bytes, payload type. */
#ifndef CODEC_RTP_H
#define CODEC_RTP_H

#define RTP_HEADER      12u
#define RTP_PAYLOAD_MAX 1400u
#define RTP_PT_PS       96u

#endif
