/*
 * words: one table of words. Never puts words together into sentences:
 * grammar differs. Called by compose, date and the host.
 */
#include "config.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "text/words.h"

/* Columns. What SIMPLE leaves out it takes from DE, all others from EN. */
enum {
	DE = WORDS_DE, SIMPLE = WORDS_SIMPLE, EN = WORDS_EN, TR = WORDS_TR,
	UK = WORDS_UK, AR = WORDS_AR, FR = WORDS_FR, PL = WORDS_PL,
	RU = WORDS_RU, OTHER = WORDS_OTHER
};

struct word {
	const char *key;
	const char *in[WORDS_LANGS];
};

static const char *const tags[] = {
	[DE] = "de", [EN] = "en", [TR] = "tr", [UK] = "uk", [AR] = "ar",
	[FR] = "fr", [PL] = "pl", [RU] = "ru",
};

static const struct word words[] = {
	{ "exercise", { [DE] = "Übung", [EN] = "Exercise", [TR] = "Tatbikat",
	    [UK] = "Навчання", [AR] = "تمرين", [FR] = "Exercice",
	    [PL] = "Ćwiczenia", [RU] = "Учения" } },
	{ "test", { [DE] = "Test", [EN] = "Test", [TR] = "Test",
	    [UK] = "Тест", [AR] = "اختبار", [FR] = "Test", [PL] = "Test",
	    [RU] = "Тест" } },
	{ "warning", { [DE] = "Warnung", [EN] = "Warning", [TR] = "Uyarı",
	    [UK] = "Попередження", [AR] = "تحذير", [FR] = "Alerte",
	    [PL] = "Ostrzeżenie", [RU] = "Предупреждение" } },
	{ "all_clear", { [DE] = "Entwarnung",
	    [SIMPLE] = "Die Gefahr ist vorbei", [EN] = "All-clear",
	    [TR] = "Tehlike geçti", [UK] = "Відбій", [AR] = "انتهاء الخطر",
	    [FR] = "Fin d’alerte", [PL] = "Odwołanie alarmu",
	    [RU] = "Отбой" } },
	{ "correction", { [DE] = "Richtigstellung", [SIMPLE] = "Ein Fehler",
	    [EN] = "Correction", [TR] = "Düzeltme",
	    [UK] = "Виправлення", [AR] = "تصحيح", [FR] = "Rectificatif",
	    [PL] = "Sprostowanie", [RU] = "Исправление" } },
	{ "update", { [DE] = "Aktualisierung", [SIMPLE] = "Neue Information",
	    [EN] = "Update", [TR] = "Güncelleme", [UK] = "Оновлення",
	    [AR] = "تحديث", [FR] = "Mise à jour", [PL] = "Aktualizacja",
	    [RU] = "Обновление" } },
	{ "valid", { [DE] = "Gültig", [EN] = "Valid", [TR] = "Geçerlilik",
	    [UK] = "Діє", [AR] = "الصلاحية", [FR] = "Validité",
	    [PL] = "Ważność", [RU] = "Действует" } },
	{ "from", { [DE] = "Von", [EN] = "From", [TR] = "Başlangıç",
	    [UK] = "Початок", [AR] = "من", [FR] = "Début",
	    [PL] = "Początek", [RU] = "Начало" } },
	{ "until", { [DE] = "Bis", [EN] = "Until", [TR] = "Bitiş",
	    [UK] = "Закінчення", [AR] = "حتى", [FR] = "Fin", [PL] = "Koniec",
	    [RU] = "Окончание" } },
	{ "sent", { [DE] = "Stand", [EN] = "As of", [TR] = "Yayın tarihi",
	    [UK] = "Станом на", [AR] = "تاريخ النشر", [FR] = "Publié",
	    [PL] = "Stan na", [RU] = "По состоянию на" } },
	{ "area", { [DE] = "Gebiet", [SIMPLE] = "Ort", [EN] = "Area",
	    [TR] = "Bölge", [UK] = "Територія", [AR] = "المنطقة",
	    [FR] = "Zone", [PL] = "Obszar", [RU] = "Территория" } },
	{ "what_to_do", { [DE] = "Was Sie tun sollten",
	    [SIMPLE] = "Das sollen Sie tun", [EN] = "What to do",
	    [TR] = "Yapmanız gerekenler", [UK] = "Що робити",
	    [AR] = "ما يجب فعله", [FR] = "Ce qu’il faut faire",
	    [PL] = "Co robić", [RU] = "Что делать" } },
	{ "more_info", { [DE] = "Mehr Informationen",
	    [SIMPLE] = "Mehr im Internet", [EN] = "More information",
	    [TR] = "Daha fazla bilgi", [UK] = "Докладніше",
	    [AR] = "مزيد من المعلومات", [FR] = "Plus d’informations",
	    [PL] = "Więcej informacji", [RU] = "Подробнее" } },
	{ "sender", { [DE] = "Absender", [EN] = "Sender",
	    [TR] = "Gönderen", [UK] = "Відправник", [AR] = "المرسل",
	    [FR] = "Expéditeur", [PL] = "Nadawca", [RU] = "Отправитель" } },
	{ "severity", { [DE] = "Stufe", [EN] = "Level", [TR] = "Düzey",
	    [UK] = "Рівень", [AR] = "الدرجة", [FR] = "Niveau",
	    [PL] = "Stopień", [RU] = "Уровень" } },
	{ "severity_extreme", { [DE] = "extreme Gefahr",
	    [SIMPLE] = "sehr große Gefahr", [EN] = "extreme danger",
	    [TR] = "aşırı tehlike", [UK] = "надзвичайна небезпека",
	    [AR] = "خطر شديد للغاية", [FR] = "danger extrême",
	    [PL] = "skrajne zagrożenie", [RU] = "чрезвычайная опасность" } },
	{ "severity_severe", { [DE] = "große Gefahr", [EN] = "severe danger",
	    [TR] = "ciddi tehlike", [UK] = "велика небезпека",
	    [AR] = "خطر شديد", [FR] = "danger grave",
	    [PL] = "duże zagrożenie", [RU] = "большая опасность" } },
	{ "severity_moderate", { [DE] = "mittlere Gefahr",
	    [EN] = "moderate danger", [TR] = "orta düzeyde tehlike",
	    [UK] = "помірна небезпека", [AR] = "خطر متوسط",
	    [FR] = "danger modéré", [PL] = "umiarkowane zagrożenie",
	    [RU] = "умеренная опасность" } },
	{ "severity_minor", { [DE] = "geringe Gefahr",
	    [SIMPLE] = "kleine Gefahr", [EN] = "minor danger",
	    [TR] = "düşük tehlike", [UK] = "незначна небезпека",
	    [AR] = "خطر محدود", [FR] = "danger faible",
	    [PL] = "niewielkie zagrożenie",
	    [RU] = "незначительная опасность" } },
	{ "severity_info", { [DE] = "Information", [EN] = "information",
	    [TR] = "bilgi", [UK] = "інформація", [AR] = "معلومات",
	    [FR] = "information", [PL] = "informacja",
	    [RU] = "информация" } },
	{ "severity_unknown", { [DE] = "Gefahr unbekannt",
	    [SIMPLE] = "Wir kennen die Gefahr noch nicht",
	    [EN] = "danger unknown", [TR] = "tehlike bilinmiyor",
	    [UK] = "рівень небезпеки невідомий", [AR] = "خطر غير معروف",
	    [FR] = "danger inconnu", [PL] = "zagrożenie nieznane",
	    [RU] = "опасность неизвестна" } },
	{ "unsubscribe", { [DE] = "Abmelden",
	    [SIMPLE] = "Keine Nachrichten mehr bekommen",
	    [EN] = "Unsubscribe", [TR] = "Abonelikten çık",
	    [UK] = "Відписатися", [AR] = "إلغاء الاشتراك",
	    [FR] = "Se désabonner", [PL] = "Wypisz się",
	    [RU] = "Отписаться" } },
	/* Said to those who asked for a language, in that language. */
	{ "fallback_hint", {
	    [DE] = "Dieser Text liegt nicht auf Deutsch vor.",
	    [SIMPLE] = "Diesen Text gibt es nicht in Leichter Sprache.",
	    [EN] = "This text is not available in English.",
	    [TR] = "Bu metnin Türkçesi yok.",
	    [UK] = "Українською цього тексту немає.",
	    [AR] = "هذا النص غير متوفر بالعربية.",
	    [FR] = "Ce texte n’existe pas en français.",
	    [PL] = "Ten tekst nie jest dostępny po polsku.",
	    [RU] = "На русском языке этого текста нет.",
	    [OTHER] = "This text is not available in your language." } },
};

/* Any of "de-simple", "de-LS", "de-x-ls" and what begins so. */
static bool
is_simple(const char *rest)
{
	static const char *const variants[] = { "simple", "ls", "x-ls" };
	size_t n;

	for (size_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++) {
		n = strlen(variants[i]);
		if (strncasecmp(rest, variants[i], n) == 0 &&
		    !isalnum((unsigned char)rest[n]))
			return true;
	}
	return false;
}

enum words_lang
words_lang(const char *lang)
{
	size_t n = strcspn(lang, "-_");

	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		if (tags[i] == NULL || strlen(tags[i]) != n ||
		    strncasecmp(tags[i], lang, n) != 0)
			continue;
		if (i == DE && lang[n] != '\0' && is_simple(lang + n + 1))
			return WORDS_SIMPLE;
		return (enum words_lang)i;
	}
	return WORDS_OTHER;
}

const char *
words_get(const char *lang, const char *key)
{
	enum words_lang column = words_lang(lang);
	const struct word *w = words;

	while (strcmp(w->key, key) != 0)
		if (++w == words + sizeof(words) / sizeof(words[0]))
			return NULL;
	if (w->in[column] != NULL)
		return w->in[column];
	return w->in[column == WORDS_SIMPLE ? DE : EN];
}

const char *
words_key(size_t i)
{
	return i < sizeof(words) / sizeof(words[0]) ? words[i].key : NULL;
}
