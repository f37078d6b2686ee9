/* SPDX-License-Identifier: MIT */
#include "device/catalog_item.h"

#include <stdio.h>

#define CODE_DIGITS 6 /* the administrative division in an ID */

static const char *text_or(const char *text, const char *otherwise)
{
    return text[0] ? text : otherwise;
}

static const char *const levels[] = {
    [DEVICE_SECURITY_NONE] = "",
    [DEVICE_SECURITY_A] = "A",
    [DEVICE_SECURITY_B] = "B",
    [DEVICE_SECURITY_C] = "C",
};

void catalog_item_of(const struct device *d, const struct device_item *item, struct catalog_item *out,
                     char code[CATALOG_CODE_SIZE])
{
    const struct device_config *cfg = device_config(d);
    const struct device_item_config *c = &item->cfg;

    if (c->civil_code[0])
        snprintf(code, CATALOG_CODE_SIZE, "%s", c->civil_code);
    else
        snprintf(code, CATALOG_CODE_SIZE, "%.*s", CODE_DIGITS, c->id);
    *out = (struct catalog_item){
        .id = c->id,
        .name = c->name,
        .manufacturer = text_or(c->manufacturer, cfg->manufacturer),
        .model = text_or(c->model, cfg->model),
        .owner = text_or(c->owner, "Owner"),
        .civil_code = code,
        .block = c->block,
        .address = c->address,
        .parent = text_or(c->parent, cfg->id),
        .on = item->state == DEVICE_ITEM_ON,
        .has_position = c->has_position,
        .longitude = c->longitude,
        .latitude = c->latitude,
        .camera = c->kind == DEVICE_CHANNEL,
        .ptz_type = c->kind == DEVICE_CHANNEL ? c->ptz_type : 0,
        .secret = c->secret,
        .ip_address = c->ip_address,
        .port = c->port,
        .security_level = levels[c->security],
        .info = c->info,
    };
}
