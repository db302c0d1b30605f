/* streamer-transfer-report.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-transfer.h"

G_BEGIN_DECLS

/**
 * streamer_transfer_report:
 *
 * Returns: (transfer full): what somebody who helps needs to know about @transfer, for the
 *   clipboard. No secret and no link is in it: a link may be signed.
 */
char *streamer_transfer_report (StreamerTransfer *transfer);

G_END_DECLS
