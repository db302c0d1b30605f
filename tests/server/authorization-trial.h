/* authorization-trial.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "authorization-world.h"
#include "jwt-maker.h"

#define TRIAL_ISSUER   "https://issuer.example"
#define TRIAL_AUDIENCE "s3streamer"
#define TRIAL_API_KEY  "an-api-key-of-the-matrix"

/* How a key may be written. */
typedef struct
{
  const char *text; /* @: a prefix of the principal; ^: the same in upper case */
  gboolean is_good; /* in version 2 */
  gboolean is_good_in_v1;
  guint length; /* bytes to fill it up to; 0 for as it is */
  gboolean has_nul;
} KeyForm;

extern const KeyForm key_forms[];
extern const guint n_key_forms;

/* @prefix: what stands for @ in the form. Returns: (transfer full): the key, as it is sent */
GString *key_form_expand (const KeyForm *form, const char *prefix);

/**
 * Trial: a case as it is asked
 */
typedef struct
{
  OracleCase asked;
  GString *key; /* (owned): as it is sent */
  guint prefix_set;
  char *name; /* (owned): of the principal */
  gboolean as_item;
  gboolean wants_api_key; /* whether the server does */
  WorldUpload world;
} Trial;

/* @provider: signs tokens; @other: signs those of others. Returns: (transfer full): the envelope */
JsonObject *trial_ask (const Trial *trial,
                       StreamerRequestHandler *handler,
                       JwtKey *provider,
                       JwtKey *other,
                       guint *status);

/* (transfer full): as a string of JSON */
char *trial_quote (const char *text, gsize length);
