/*
 * flight: a ledger of what one channel has in flight, in a shared mapping.
 *
 * It outlives the process, whatever kills it, because the kernel owns the
 * pages; it does not outlive the machine. So it tells, after a crash, what
 * was certainly not started from what may have arrived. One file a channel,
 * written by the core process only.
 */
#ifndef STORE_FLIGHT_H
#define STORE_FLIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "store/store.h"

struct flight;

#define FLIGHT_BOOT_ID	40

/* Names this boot of the machine; "" when nobody can tell, then no ledger of
 * a killed process is trusted. */
void
flight_boot_id(char out[FLIGHT_BOOT_ID]);

/*
 * What was in flight when the file was last used. Array given. Not trusted:
 * the machine was started anew meanwhile without a clean close, or the file
 * is damaged; then anything leased may have been in flight. No file: nothing
 * was, and that is trusted.
 */
int
flight_read(const char *path, struct store_flight **list_r, size_t *n_r,
    bool *trusted_r, struct err *e);

/* Begin an empty ledger; what the file held is gone. */
int
flight_open(const char *path, size_t slots, struct flight **f_r,
    struct err *e);
/* Mark a clean stop if nothing is in flight. Sets *f to NULL. */
void
flight_close(struct flight **f);
size_t
flight_slots(const struct flight *f);
/* Note it before it leaves the house. The slot, or -1 when all are taken. */
int
flight_start(struct flight *f, int64_t job, int64_t target,
    uint32_t attempt);
/* Only after its outcome is committed. */
void
flight_end(struct flight *f, int slot);

#endif
