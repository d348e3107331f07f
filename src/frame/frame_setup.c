/* SPDX-License-Identifier: Apache-2.0 */
#include "frame/frame_setup.h"

#include "settings/settings_table.h"

void frame_setup_degrade(const struct frame_setup *asked, enum degradation degradation,
                         uint64_t frame_budget_bytes, struct frame_setup *setup)
{
    setup->present = true;
    setup->settings = asked->settings;
    setup->context = asked->context;
    degradation_apply(degradation, &setup->settings, &setup->context.downscale);
    setup->context.settings = &setup->settings;
    setup->settings_hash = settings_effect_hash(&setup->settings, SETTING_CLOUD);
    setup->context.frame_budget_bytes = (size_t)frame_budget_bytes;
}
