/*
 * flight: the ledger file. The state of a slot is written last, with release
 * order, so a reader never sees a started slot with another's job. Never
 * syncs while sending: the kernel keeps the pages of a killed process.
 * Called by the channels of the engine.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "store/flight.h"

#define FLIGHT_MAGIC	0x5448474c46464c01	/* "LFFLGHT" */
#define FLIGHT_VERSION	1
#define FLIGHT_STARTED	1u
#define FLIGHT_SLOTS	(1u << 20)	/* more is a mistake */

struct slot {
	int64_t job, target;
	uint32_t attempt;
	_Atomic uint32_t state;
};

struct header {
	uint64_t magic;
	uint32_t version, slots;
	char boot_id[FLIGHT_BOOT_ID];
	uint32_t crc;		/* of all above */
	uint32_t clean;		/* closed with nothing in flight */
	struct slot slot[];
};

struct flight {
	struct header *map;
	size_t size;
	int *free;		/* stack of free slots */
	size_t n_free;
};

/* CRC-32 as in ISO 3309, bit by bit: the header is short. */
static uint32_t
crc32_of(const void *p, size_t n)
{
	const unsigned char *b = p;
	uint32_t crc = 0xffffffffu;

	while (n-- > 0) {
		crc ^= *b++;
		for (int i = 0; i < 8; i++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	}
	return ~crc;
}

static uint32_t
header_crc(const struct header *h)
{
	return crc32_of(h, offsetof(struct header, crc));
}

void
flight_boot_id(char out[FLIGHT_BOOT_ID])
{
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");

	memset(out, 0, FLIGHT_BOOT_ID);
	if (f == NULL || fgets(out, FLIGHT_BOOT_ID, f) == NULL)
		out[0] = '\0';
	out[strcspn(out, "\n")] = '\0';
	if (f != NULL)
		fclose(f);
}

static size_t
size_of(size_t slots)
{
	return sizeof(struct header) + slots * sizeof(struct slot);
}

static int
io_error(struct err *e, const char *path)
{
	return err_set(e, ERR_FAILED, "flight ledger: %s: %s: check the disk "
	    "and the permissions", path, strerror(errno));
}

/* ---------------------------------------------------------------- read -- */

static bool
header_good(const struct header *h, size_t size)
{
	return size >= sizeof(*h) && h->magic == FLIGHT_MAGIC &&
	    h->version == FLIGHT_VERSION && h->crc == header_crc(h) &&
	    h->slots <= FLIGHT_SLOTS && size >= size_of(h->slots);
}

static void
collect(struct header *h, struct store_flight **list_r, size_t *n_r,
    bool *trusted_r)
{
	struct store_flight *list = xcalloc(h->slots + 1, sizeof(*list));
	char boot_id[FLIGHT_BOOT_ID];
	size_t n = 0;

	for (size_t i = 0; i < h->slots; i++) {
		struct slot *s = &h->slot[i];

		if (atomic_load_explicit(&s->state, memory_order_acquire) !=
		    FLIGHT_STARTED)
			continue;
		list[n].job = s->job;
		list[n++].target = s->target;
	}
	flight_boot_id(boot_id);
	*trusted_r = (h->clean == 1 && n == 0) || (boot_id[0] != '\0' &&
	    memcmp(boot_id, h->boot_id, sizeof(boot_id)) == 0);
	*list_r = list;
	*n_r = n;
}

/* 0 and *h_r, or NULL there when the file is too short; -1 with errno. */
static int
map_whole(int fd, int prot, struct header **h_r, size_t *size_r)
{
	struct stat st;
	void *p;

	*h_r = NULL;
	if (fstat(fd, &st) == -1)
		return -1;
	*size_r = (size_t)st.st_size;
	if (*size_r < sizeof(struct header))
		return 0;
	p = mmap(NULL, *size_r, prot, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return -1;
	*h_r = p;
	return 0;
}

int
flight_read(const char *path, struct store_flight **list_r, size_t *n_r,
    bool *trusted_r, struct err *e)
{
	struct header *h;
	size_t size = 0;
	int fd, rc;

	*list_r = NULL;
	*n_r = 0;
	*trusted_r = true;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return errno == ENOENT ? 0 : io_error(e, path);
	rc = map_whole(fd, PROT_READ, &h, &size);
	if (rc == -1)
		io_error(e, path);
	close(fd);
	if (rc == -1)
		return -1;
	if (h != NULL && header_good(h, size))
		collect(h, list_r, n_r, trusted_r);
	else
		*trusted_r = false;
	if (h != NULL)
		munmap(h, size);
	return 0;
}

/* ---------------------------------------------------------------- open -- */

static void
sync_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash == NULL ? xstrdup(".") :
	    xstrndup(path, (size_t)(slash - path) + 1);
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd == -1 || fsync(fd) == -1)
		log_warn("flight ledger: %s: %s", dir, strerror(errno));
	if (fd != -1)
		close(fd);
	free(dir);
}

static void
header_init(struct header *h, size_t slots)
{
	h->magic = FLIGHT_MAGIC;
	h->version = FLIGHT_VERSION;
	h->slots = (uint32_t)slots;
	flight_boot_id(h->boot_id);
	h->clean = 0;
	h->crc = header_crc(h);
}

/* Allocated for real: a hole that can't be filled would be a SIGBUS. */
static int
make_file(int fd, size_t slots, struct header **h_r, size_t *size_r)
{
	int rc;

	if (ftruncate(fd, 0) == -1)
		return -1;
	rc = posix_fallocate(fd, 0, (off_t)size_of(slots));
	if (rc != 0) {
		errno = rc;
		return -1;
	}
	if (map_whole(fd, PROT_READ | PROT_WRITE, h_r, size_r) == -1)
		return -1;
	header_init(*h_r, slots);
	return fsync(fd);
}

int
flight_open(const char *path, size_t slots, struct flight **f_r,
    struct err *e)
{
	struct flight *f;
	struct header *h = NULL;
	size_t size = 0;
	int fd, rc;

	if (slots == 0 || slots > FLIGHT_SLOTS)
		log_bug("flight ledger: %zu slots", slots);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	rc = fd == -1 ? -1 : make_file(fd, slots, &h, &size);
	if (rc == -1)
		io_error(e, path);
	if (fd != -1)
		close(fd);
	if (rc == -1 && h != NULL)
		munmap(h, size);
	if (rc == -1)
		return -1;
	sync_folder(path);
	f = xcalloc(1, sizeof(*f));
	f->map = h;
	f->size = size;
	f->free = xcalloc(slots, sizeof(*f->free));
	while (f->n_free < slots) {
		f->free[f->n_free] = (int)(slots - 1 - f->n_free);
		f->n_free++;
	}
	*f_r = f;
	return 0;
}

void
flight_close(struct flight **fp)
{
	struct flight *f = *fp;

	if (f == NULL)
		return;
	*fp = NULL;
	f->map->clean = f->n_free == f->map->slots;
	if (msync(f->map, f->size, MS_SYNC) == -1)
		log_warn("flight ledger: %s", strerror(errno));
	munmap(f->map, f->size);
	free(f->free);
	free(f);
}

size_t
flight_slots(const struct flight *f)
{
	return f->map->slots;
}

int
flight_start(struct flight *f, int64_t job, int64_t target, uint32_t attempt)
{
	struct slot *s;
	int at;

	if (f->n_free == 0)
		return -1;
	at = f->free[--f->n_free];
	s = &f->map->slot[at];
	s->job = job;
	s->target = target;
	s->attempt = attempt;
	atomic_store_explicit(&s->state, FLIGHT_STARTED,
	    memory_order_release);
	return at;
}

void
flight_end(struct flight *f, int at)
{
	struct slot *s;

	if (at < 0 || (uint32_t)at >= f->map->slots)
		log_bug("flight ledger: slot %d", at);
	s = &f->map->slot[at];
	if (atomic_load_explicit(&s->state, memory_order_relaxed) !=
	    FLIGHT_STARTED)
		log_bug("flight ledger: slot %d is free", at);
	atomic_store_explicit(&s->state, 0, memory_order_release);
	f->free[f->n_free++] = at;
}
