/* streamer-form.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * StreamerForm:
 * @content_type: (owned): of the whole, with the boundary
 * @head: (owned): what goes before the file's bytes
 * @tail: (owned): what goes behind them
 *
 * A form (`multipart/form-data`, RFC 7578) that sends one file.
 */
typedef struct
{
  char *content_type;
  GBytes *head;
  GBytes *tail;
} StreamerForm;

/**
 * streamer_form_init:
 * @form: (out caller-allocates): the form
 * @fields: name, value, name, value, …, NULL: sent in this order, the field `file` behind them;
 *   names without quotes and line breaks
 *
 * The boundary has 128 random bits, so that nothing in fields and file can be taken for it.
 */
void streamer_form_init (StreamerForm *form, const char *const *fields);
void streamer_form_clear (StreamerForm *form);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (StreamerForm, streamer_form_clear)

G_END_DECLS
