/* SPDX-License-Identifier: Apache-2.0 */
#include "frame/frame_setup.h"

#include "refine/fill_holes.h"
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

bool frame_setup_uses_opencv(const struct frame_setup *setup)
{
    const struct po_settings *settings = &setup->settings;
    return setup->present && (settings->match.matcher == PO_MATCHER_OPENCV ||
                              fill_way_of(&settings->refine) == FILL_INPAINT);
}
