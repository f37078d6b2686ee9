/* SPDX-License-Identifier: MIT */
#include "manscdp/control.h"

#include <errno.h>

#include "codec/ptz_code.h"
#include "util/log.h"

int control_ptz_decode(struct manscdp_request *r, const struct xml_node *root)
{
    bool odd = false;
    int ret = ptz_decode(span_of(xml_text(root, "PTZCmd")), &r->u.ptz, &odd);

    if (odd)
        log_debug("PTZCmd: byte 2 is not that of A.3");
    return ret;
}

int control_idr_decode(struct manscdp_request *r, const struct xml_node *root)
{
    const char *text = xml_text(root, r->row->element);

    return span_case_eq_str(span_of(text), "Send") ? 0 : -EBADMSG;
}

int control_reset_alarm_decode(struct manscdp_request *r, const struct xml_node *root)
{
    const struct xml_node *info = xml_child(root, "Info");
    const char *method = info ? xml_text(info, "AlarmMethod") : NULL;
    const char *type = info ? xml_text(info, "AlarmType") : NULL;
    uint64_t number = 0;

    if (!span_case_eq_str(span_of(xml_text(root, "AlarmCmd")), "ResetAlarm"))
        return -EBADMSG;
    if (!span_copy(span_of(method), r->u.reset.method, sizeof(r->u.reset.method)))
        return -EBADMSG;
    /* Platforms leave both elements empty to mean all. */
    if (type && type[0] && span_u64(span_of(type), 999, &number))
        return -EBADMSG;
    r->u.reset.type = (unsigned)number;
    return 0;
}
