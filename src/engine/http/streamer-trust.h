/* streamer-trust.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

/**
 * streamer_trust_file:
 *
 * Before @message is sent: has @session trust the certificates of the file that SSL_CERT_FILE names,
 * as other programs do, in place of the system's. Worker thread.
 */
void streamer_trust_file (SoupSession *session, SoupMessage *message);

G_END_DECLS
