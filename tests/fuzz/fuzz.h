/* fuzz.h: what the targets share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-http.h"

G_BEGIN_DECLS

/* What a target gives: takes whatever bytes, and aborts where something is not as it has to be.
 * Returns: 0, or -1 for bytes that are not worth keeping */
int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/**
 * FuzzInput:
 *
 * The bytes that are still to be read. Inputs are text wherever they can be, so that they can be
 * written by hand.
 */
typedef struct
{
  const guint8 *data;
  gsize size;
} FuzzInput;

/** Returns: (transfer full) (nullable): all that is left; NULL where it has a NUL in it */
char *fuzz_take_text (FuzzInput *input);

/** Returns: (transfer full): the next line, "" where there is none; up to a NUL in it */
char *fuzz_take_line (FuzzInput *input);

/**
 * fuzz_take_answer:
 * @answer: (out caller-allocates): its body is all that is left behind the head
 *
 * Returns: FALSE where there is no head that libsoup takes
 */
gboolean fuzz_take_answer (FuzzInput *input, StreamerAnswer *answer);

/** Warnings that begin so are no finding. @start: static */
void fuzz_expect_warning (const char *start);

/** Aborts where @ok does not say whether @error is set, or it is not one that can be shown. */
void fuzz_check_error (gboolean ok, const GError *error);

/** Aborts where @text is not UTF-8, has control characters, or @secret in it. */
void fuzz_check_shown (const char *text, const char *secret);

/** Aborts where a request's or an answer's header could be taken for two. */
void fuzz_check_headers (SoupMessageHeaders *headers);

G_END_DECLS
