/* streamer-receipt-text.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-journal-entry.h"

G_BEGIN_DECLS

/**
 * StreamerReceiptLine:
 * @name: translated, static
 * @value: (owned)
 */
typedef struct
{
  const char *name;
  char *value;
} StreamerReceiptLine;

/**
 * streamer_receipt_text_lines:
 * @receipt: of a transfer that is done
 * @connection: the name of where it went
 *
 * Returns: (transfer full) (element-type StreamerReceiptLine): what is to be read of a receipt; only
 *   what is known
 */
GArray *streamer_receipt_text_lines (const StreamerJournalEntry *receipt, const char *connection);

/** Returns: (transfer full): @lines as text, one a line */
char *streamer_receipt_text_join (GArray *lines);

G_END_DECLS
