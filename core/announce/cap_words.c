/*
 * cap_words: tables of words. Called by cap_map.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "announce/cap_words.h"
#include "announce/lang.h"

enum lang { DE, EN, FR, ES, TR, PL, RU, UK, AR, LANGS };

static const char *const langs[LANGS] = { "de", "en", "fr", "es", "tr", "pl",
	"ru", "uk", "ar" };

static const struct {
	const char *response;
	const char *text[LANGS];
} responses[] = {
	{ "Shelter", { "Suchen Sie Schutz.", "Take shelter.",
	    "Mettez-vous à l’abri.", "Busque refugio.",
	    "Güvenli bir yere sığının.", "Schroń się w bezpiecznym miejscu.",
	    "Укройтесь в безопасном месте.", "Знайдіть укриття.",
	    "احتموا في مكان آمن." } },
	{ "Evacuate", { "Verlassen Sie das Gebiet.", "Leave the area.",
	    "Quittez la zone.", "Abandone la zona.", "Bölgeyi terk edin.",
	    "Opuść ten teren.", "Покиньте опасную зону.",
	    "Залиште цю територію.", "غادروا المنطقة." } },
	{ "Prepare", { "Bereiten Sie sich vor.", "Get prepared.",
	    "Préparez-vous.", "Prepárese.", "Hazırlıklı olun.",
	    "Przygotuj się.", "Подготовьтесь.", "Підготуйтеся.",
	    "استعدوا." } },
	{ "Execute", { "Handeln Sie nach Plan.", "Carry out your plan.",
	    "Appliquez votre plan.", "Siga su plan.", "Planınızı uygulayın.",
	    "Postępuj zgodnie z planem.", "Действуйте по плану.",
	    "Дійте за планом.", "نفذوا خطتكم." } },
	{ "Avoid", { "Meiden Sie das Gebiet.", "Avoid the area.",
	    "Évitez la zone.", "Evite la zona.", "Bölgeden uzak durun.",
	    "Omijaj ten teren.", "Избегайте этого района.",
	    "Уникайте цієї території.", "تجنبوا المنطقة." } },
	{ "Assess", { "Prüfen Sie die Lage.", "Assess the situation.",
	    "Évaluez la situation.", "Evalúe la situación.",
	    "Durumu değerlendirin.", "Oceń sytuację.", "Оцените обстановку.",
	    "Оцініть ситуацію.", "قيّموا الوضع." } },
	/* Also for a message without any responseType. */
	{ "Monitor", { "Informieren Sie sich.", "Stay informed.",
	    "Tenez-vous informé.", "Manténgase informado.",
	    "Gelişmeleri takip edin.", "Śledź informacje.",
	    "Следите за информацией.", "Стежте за інформацією.",
	    "تابعوا الأخبار." } },
};

static const char *const all_clear[LANGS] = { "Entwarnung", "All clear",
	"Fin d’alerte", "Fin de la alerta", "Tehlike geçti",
	"Odwołanie alarmu", "Отбой тревоги", "Відбій тривоги",
	"انتهاء الخطر" };

static const struct {
	const char *before, *behind;
} more[LANGS] = {
	{ "und ", " weitere" }, { "and ", " more" }, { "et ", " autres" },
	{ "y ", " más" }, { "ve ", " yer daha" }, { "i ", " innych" },
	{ "и ещё ", "" }, { "та ще ", "" }, { "و", " أخرى" },
};

static int
index_of(const char *lang)
{
	for (int i = 0; i < LANGS; i++)
		if (lang_related(langs[i], lang))
			return i;
	return -1;
}

const char *
cap_words_response(const char *lang, const char *response)
{
	size_t n = sizeof(responses) / sizeof(responses[0]), found = n - 1;
	int l = index_of(lang);

	if (l < 0)
		return NULL;
	for (size_t i = 0; i < n; i++)
		if (strcmp(responses[i].response, response) == 0)
			found = i;
	return responses[found].text[l];
}

const char *
cap_words_all_clear(const char *lang)
{
	int l = index_of(lang);

	return l < 0 ? NULL : all_clear[l];
}

const char *
cap_words_more(const char *lang, size_t n, char *out, size_t size)
{
	int l = index_of(lang);

	if (l < 0)
		snprintf(out, size, "+%zu", n);
	else
		snprintf(out, size, "%s%zu%s", more[l].before, n,
		    more[l].behind);
	return out;
}
