/*
 * date: ways to write a time. A table per language, and one function that
 * reads it. Called by compose and the host.
 */
#include "config.h"

#include "text/date.h"
#include "text/words.h"

/* As they stand in a date: in many languages that is the genitive. */
struct names {
	const char *days[7];	/* from Sunday */
	const char *months[12];
};

static const struct names german = {
	{ "Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag",
	    "Freitag", "Samstag" },
	{ "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli",
	    "August", "September", "Oktober", "November", "Dezember" }
};

static const struct names english = {
	{ "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday",
	    "Saturday" },
	{ "January", "February", "March", "April", "May", "June", "July",
	    "August", "September", "October", "November", "December" }
};

static const struct names turkish = {
	{ "Pazar", "Pazartesi", "Salı", "Çarşamba", "Perşembe", "Cuma",
	    "Cumartesi" },
	{ "Ocak", "Şubat", "Mart", "Nisan", "Mayıs", "Haziran", "Temmuz",
	    "Ağustos", "Eylül", "Ekim", "Kasım", "Aralık" }
};

static const struct names ukrainian = {
	{ "неділя", "понеділок", "вівторок", "середа", "четвер", "п’ятниця",
	    "субота" },
	{ "січня", "лютого", "березня", "квітня", "травня", "червня",
	    "липня", "серпня", "вересня", "жовтня", "листопада",
	    "грудня" }
};

/* Both names of the months: readers come from Damascus and from Cairo. */
static const struct names arabic = {
	{ "الأحد", "الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة",
	    "السبت" },
	{ "كانون الثاني/يناير", "شباط/فبراير", "آذار/مارس", "نيسان/أبريل",
	    "أيار/مايو", "حزيران/يونيو", "تموز/يوليو", "آب/أغسطس",
	    "أيلول/سبتمبر", "تشرين الأول/أكتوبر", "تشرين الثاني/نوفمبر",
	    "كانون الأول/ديسمبر" }
};

static const struct names french = {
	{ "dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi",
	    "samedi" },
	{ "janvier", "février", "mars", "avril", "mai", "juin", "juillet",
	    "août", "septembre", "octobre", "novembre", "décembre" }
};

static const struct names polish = {
	{ "niedziela", "poniedziałek", "wtorek", "środa", "czwartek",
	    "piątek", "sobota" },
	{ "stycznia", "lutego", "marca", "kwietnia", "maja", "czerwca",
	    "lipca", "sierpnia", "września", "października", "listopada",
	    "grudnia" }
};

static const struct names russian = {
	{ "воскресенье", "понедельник", "вторник", "среда", "четверг",
	    "пятница", "суббота" },
	{ "января", "февраля", "марта", "апреля", "мая", "июня", "июля",
	    "августа", "сентября", "октября", "ноября", "декабря" }
};

/*
 * %W weekday, %D day (%d "1er" for the first), %B month, %m its number, %Y
 * year, %H hours in two digits (%h as they are), %M minutes, %e "18" or
 * "18:30".
 */
static const struct form {
	const char *full, *brief;
	const struct names *names;
} forms[WORDS_LANGS] = {
	[WORDS_DE] = { "%W, %D. %B %Y, %h:%M Uhr", "%D.%m., %h:%M Uhr",
	    &german },
	[WORDS_SIMPLE] = { "%W, %D. %B %Y, %e Uhr", "%D. %B, %e Uhr",
	    &german },
	[WORDS_EN] = { "%W %D %B %Y, %H:%M", "%D %B, %H:%M", &english },
	[WORDS_TR] = { "%D %B %Y %W, %H.%M", "%D %B, %H.%M", &turkish },
	[WORDS_UK] = { "%W, %D %B %Y р., %H:%M", "%D.%m, %H:%M",
	    &ukrainian },
	[WORDS_AR] = { "%W، %D %B %Y، الساعة %H:%M", "%D/%m، %H:%M",
	    &arabic },
	[WORDS_FR] = { "%W %d %B %Y, %h h %M", "%d %B, %h h %M", &french },
	[WORDS_PL] = { "%W, %D %B %Y r., godz. %H:%M", "%D.%m, %H:%M",
	    &polish },
	[WORDS_RU] = { "%W, %D %B %Y г., %H:%M", "%D.%m, %H:%M", &russian },
	[WORDS_OTHER] = { "%W %D %B %Y, %H:%M", "%D %B, %H:%M", &english },
};

static void
clock_add(char code, const struct civil *c, struct buf *out)
{
	switch (code) {
	case 'H':
		buf_fmt(out, "%02d", c->hour);
		break;
	case 'h':
		buf_fmt(out, "%d", c->hour);
		break;
	case 'M':
		buf_fmt(out, "%02d", c->minute);
		break;
	case 'e':
		buf_fmt(out, "%d", c->hour);
		if (c->minute != 0)
			buf_fmt(out, ":%02d", c->minute);
		break;
	}
}

static void
day_add(char code, const struct civil *c, const struct names *names,
    struct buf *out)
{
	switch (code) {
	case 'W':
		buf_str(out, names->days[
		    civil_weekday(civil_to_seconds(c))]);
		break;
	case 'D':
	case 'd':
		buf_fmt(out, "%d%s", c->day,
		    code == 'd' && c->day == 1 ? "er" : "");
		break;
	case 'B':
		buf_str(out, names->months[c->month - 1]);
		break;
	case 'm':
		buf_fmt(out, "%d", c->month);
		break;
	case 'Y':
		buf_fmt(out, "%d", c->year);
		break;
	}
}

static void
fill(const char *pattern, const struct names *names, const struct civil *c,
    struct buf *out)
{
	for (const char *p = pattern; *p != '\0'; p++) {
		if (*p != '%') {
			buf_chr(out, *p);
			continue;
		}
		p++;
		day_add(*p, c, names, out);
		clock_add(*p, c, out);
	}
}

void
date_write(const char *lang, const struct civil *c, struct buf *out)
{
	const struct form *f = &forms[words_lang(lang)];

	fill(f->full, f->names, c, out);
}

void
date_write_brief(const char *lang, const struct civil *c, struct buf *out)
{
	const struct form *f = &forms[words_lang(lang)];

	fill(f->brief, f->names, c, out);
}
