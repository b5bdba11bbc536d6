package source

import (
	"regexp"
	"strings"
)

// What WhatsApp writes by itself between what people write, in Arabic, French
// and English. A line that only resembles these is kept: to set aside is for a
// person.

// system begins what the program tells in the name of a group or of a person.
var system = []string{
	"Messages and calls are end-to-end encrypted", "Messages to this group are now secured", "Messages to this chat and calls are now secured", "This message was deleted", "You deleted this message",
	"Missed voice call", "Missed video call", "Missed group", "Voice call", "Video call", "Waiting for this message", "Your security code with", "This business",
	"Les messages et les appels sont chiffrés", "Les messages et appels sont chiffrés", "Les messages envoyés dans ce groupe sont", "Ce message a été supprimé", "Vous avez supprimé ce message", "Message supprimé",
	"Appel vocal manqué", "Appel vidéo manqué", "Appel vocal", "Appel vidéo", "En attente de ce message", "En attente du message", "Votre code de sécurité avec",
	"الرسائل والمكالمات مشفرة", "الرسائل والمكالمات مشفّرة", "الرسائل التي ترسلها إلى هذه المجموعة", "أصبحت الرسائل", "تم حذف هذه الرسالة", "لقد حذفت هذه الرسالة", "حذفت هذه الرسالة", "حذفتَ هذه الرسالة", "قمت بحذف هذه الرسالة",
	"مكالمة صوتية فائتة", "مكالمة فيديو فائتة", "مكالمة صوتية", "مكالمة فيديو", "في انتظار هذه الرسالة", "بانتظار هذه الرسالة", "تغير رمز الأمان",
}

// joined is what a group tells of its members; it stands where a message would
// on iOS, as said by the group.
var joined = regexp.MustCompile(`(?i)^.{0,160}(joined using (this group's|a group) (invite )?link|created (this )?group|added you|was added|left$|removed (you|.{1,60})$|changed (the|this) (subject|group|settings)|changed their phone number|` +
	`a rejoint (le groupe )?(via|à l'aide|en utilisant)|a créé (le|ce) groupe|vous a ajouté|a été ajouté|a quitté( le groupe)?\.?$|a modifié (le sujet|l'icône|la description|les paramètres)|a changé de numéro|` +
	`انضم.{0,20}(باستخدام|عبر) رابط|أنشأ.{0,12}المجموعة|غادر(ت)?( المجموعة)?$|أضافك|تمت إضافت|غيّ?ر.{0,12}(اسم|صورة|وصف|إعدادات) المجموعة|غيّ?ر رقم هاتفه)`)

func chatSays(text string) bool {
	for _, s := range system {
		if strings.HasPrefix(text, s) && len(text) < len(s)+220 {
			return true
		}
	}
	return len(text) < 240 && !strings.Contains(text, "\n") && joined.MatchString(text)
}

// media is what stands for a picture, a voice or a file that is not in the text.
var media = regexp.MustCompile(`(?i)` + strings.Join([]string{
	`<\s*(media omitted|médias? omis|media omis|fichier omis|تم استبعاد الوسائط|تم حذف الوسائط|الوسائط غير مدرجة|الوسائط غير مضمّنة|وسائط محذوفة)\s*>`,
	`\b(image|video|audio|sticker|gif|document|contact card|video note|voice message) omitted\b`,
	`(image|photo|vidéo|audio|sticker|gif|document|carte de contact|fiche contact|message vocal)\s+(omise?|absente?|manquante?|non incluse?)`,
	`(تم استبعاد|تم حذف) (الصورة|صورة|الفيديو|الملصق|الملف|المستند|الصوت|المقطع الصوتي|صورة متحركة|بطاقة جهة الاتصال)`,
	`(الصورة|الفيديو|الملصق|المستند|الصوت|المقطع الصوتي|الرسالة الصوتية) غير (مدرجة|مدرج|مضمنة|مضمن)`,
	`<\s*(attached|pièce jointe|fichier joint|مُرفق|مرفق)\s*:[^>\n]{1,200}>`,
	`[\w.\- ]{1,120}\.(jpg|jpeg|png|webp|mp4|3gp|opus|ogg|m4a|mp3|pdf|vcf|docx?|xlsx?|pptx?|zip)\s*\((file attached|fichier joint|الملف مرفق|ملف مرفق)\)`,
}, "|"))

// edited is what stands behind a message that its writer changed.
var edited = regexp.MustCompile(`(?i)\s*<\s*(this message was edited|ce message a été modifié|تم تعديل هذه الرسالة)\s*>\s*$`)

// withoutMedia is the text of a message without what stands for something else.
func withoutMedia(text string) (string, bool) {
	text = edited.ReplaceAllString(text, "")
	if text == "null" { // what was meant to be seen once, on Android
		return "", true
	}
	if !media.MatchString(text) {
		return strings.TrimSpace(text), false
	}
	return strings.TrimSpace(media.ReplaceAllString(text, "")), true
}
