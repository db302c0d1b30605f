/* fault-script.c: which faults a schedule has, and where
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "fault-script.h"

#define MAX_NTH  8
#define MAX_BYTE 400

static const char *const operation_names[FAULT_N_OPERATIONS] = {
  [FAULT_CAPABILITIES] = "capabilities",
  [FAULT_BEGIN] = "begin",
  [FAULT_PRESIGN] = "presign",
  [FAULT_PUT] = "put",
  [FAULT_PARTS] = "parts",
  [FAULT_FINISH] = "finish",
  [FAULT_CANCEL] = "cancel",
  [FAULT_STAT] = "stat",
  [FAULT_REMOVE] = "remove",
  [FAULT_UPLOADS] = "uploads",
  [FAULT_ANY] = "any",
};

/* @byte: whether the place in bytes means something; @never_always: nothing would end it */
static const struct
{
  const char *words;
  gboolean byte;
} kinds[FAULT_N_KINDS] = {
  [FAULT_REFUSED] = { "is reset, and connections are refused for a while", FALSE },
  [FAULT_RESET_REQUEST] = { "is reset in the request", TRUE },
  [FAULT_RESET_ANSWER] = { "is reset in the answer", TRUE },
  [FAULT_STALL_REQUEST] = { "stalls in the request", TRUE },
  [FAULT_STALL_ANSWER] = { "stalls in the answer", TRUE },
  [FAULT_SLOW] = { "is answered slowly", FALSE },
  [FAULT_TRUNCATED] = { "is cut in the answer", TRUE },
  [FAULT_GARBAGE] = { "is answered with garbage", FALSE },
  [FAULT_PORTAL] = { "is answered by a captive portal", FALSE },
  [FAULT_WRONG_ETAG] = { "is answered with a wrong ETag", FALSE },
  [FAULT_LOST] = { "is done and not answered", FALSE },
  [FAULT_TWICE] = { "is answered twice", FALSE },
  [FAULT_EARLY_BUSY] = { "is refused with 503 in the middle of the request", TRUE },
  [FAULT_STALE] = { "meets a connection that ends", FALSE },
  [FAULT_CLOSED] = { "is answered, and the connection ends", FALSE },
  [FAULT_ERROR_IN_200] = { "is refused with 200", FALSE },
  [FAULT_REDIRECT] = { "is redirected", FALSE },
  [FAULT_HUGE] = { "is answered with more than 1 MiB", FALSE },
  [FAULT_DEEP] = { "is answered with deep nesting", FALSE },
  [FAULT_EXPIRED] = { "is refused as expired", FALSE },
  [FAULT_TOKEN] = { "is refused until there is a new token", FALSE },
  [FAULT_SKEWED] = { "is refused for the clock", FALSE },
  [FAULT_FORGETS_PART] = { "finds a part forgotten", FALSE },
  [FAULT_FORGETS_UPLOAD] = { "finds the upload forgotten", FALSE },
  [FAULT_LIMITED] = { "is refused with 429", FALSE },
  [FAULT_FAILS] = { "is refused with 500", FALSE },
  [FAULT_BUSY] = { "is refused with 503", FALSE },
};

/* What an upload asks for, the more often the more is sent by it. */
static const FaultOperation of_request_api[] = {
  FAULT_CAPABILITIES, FAULT_BEGIN,  FAULT_BEGIN,  FAULT_PRESIGN, FAULT_PRESIGN,
  FAULT_PUT,          FAULT_PUT,    FAULT_PUT,    FAULT_PUT,     FAULT_PARTS,
  FAULT_FINISH,       FAULT_FINISH, FAULT_FINISH, FAULT_CANCEL,  FAULT_ANY,
};
static const FaultOperation of_s3[] = {
  FAULT_BEGIN,  FAULT_BEGIN, FAULT_PUT,   FAULT_PUT,    FAULT_PUT,
  FAULT_PUT,    FAULT_PARTS, FAULT_PARTS, FAULT_FINISH, FAULT_FINISH,
  FAULT_FINISH, FAULT_STAT,  FAULT_STAT,  FAULT_CANCEL, FAULT_ANY,
};

/* SplitMix64: any 64 bits are a good seed. */
static guint64
roll (FaultDice *dice)
{
  guint64 z = dice->state += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

  z = (z ^ (z >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return z ^ (z >> 31);
}

guint
fault_dice_roll (FaultDice *dice, guint below)
{
  return (guint) (roll (dice) % below);
}

double
fault_dice_roll_double (FaultDice *dice)
{
  return (double) (roll (dice) >> 11) / (double) (G_GUINT64_CONSTANT (1) << 53);
}

/* Of four schedules in ten one fault, of three two, of three more. */
static guint
roll_length (FaultDice *dice)
{
  guint n = fault_dice_roll (dice, 10);

  if (n < 4)
    return 1;
  return n < 7 ? 2 : 3 + fault_dice_roll (dice, 6);
}

GArray *
fault_script_new (FaultDice *dice, gboolean s3)
{
  GArray *script = g_array_new (FALSE, TRUE, sizeof (Fault));

  for (guint left = roll_length (dice); left > 0; left--)
    {
      guint n = fault_dice_roll (dice, s3 ? G_N_ELEMENTS (of_s3) : G_N_ELEMENTS (of_request_api));
      Fault fault = {
        .operation = s3 ? of_s3[n] : of_request_api[n],
        .kind = (FaultKind) fault_dice_roll (dice, FAULT_N_KINDS),
        .byte = fault_dice_roll (dice, 2) == 0 ? fault_dice_roll (dice, 30)
                                               : fault_dice_roll (dice, MAX_BYTE),
        .always = fault_dice_roll (dice, 12) == 0,
      };
      gboolean often = fault.operation == FAULT_PUT || fault.operation == FAULT_ANY;

      fault.nth = 1 + fault_dice_roll (dice, often ? MAX_NTH : 3);
      g_array_append_val (script, fault);
    }
  return script;
}

const Fault *
fault_script_find (GArray *script, FaultOperation operation, guint nth)
{
  for (guint i = 0; i < script->len; i++)
    {
      const Fault *fault = &g_array_index (script, Fault, i);

      if (!fault->dropped && fault->operation == operation &&
          (fault->nth == nth || (fault->always && fault->nth < nth)))
        return fault;
    }
  return NULL;
}

char *
fault_script_to_string (GArray *script)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < script->len; i++)
    {
      const Fault *fault = &g_array_index (script, Fault, i);

      if (fault->dropped)
        continue;
      g_string_append_printf (text, "  %s %u %s", operation_names[fault->operation], fault->nth,
                              kinds[fault->kind].words);
      if (kinds[fault->kind].byte)
        g_string_append_printf (text, ", at byte %u", fault->byte);
      g_string_append (text, fault->always ? ", and each one after it\n" : "\n");
    }
  return g_string_free (text, FALSE);
}

const char *
fault_operation_get_name (FaultOperation operation)
{
  return operation_names[operation];
}

const char *
fault_kind_get_words (FaultKind kind)
{
  return kinds[kind].words;
}
