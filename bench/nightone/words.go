package nightone

// tongue is how people of one language and script put what happened. All of it
// is written for this bench; none of it is, or is adapted from, a real request.
// The Tachelhit is a draft by a non-native hand. {name} is a family or its head,
// {n} how many people, {place} the village.
type tongue struct {
	lang, script string
	arab         bool
	greet        []string
	needs        map[string][]string
	home         []string // whose house or family it is
	many         []string // how many people
	everybody    []string // a whole village asks
	end          []string
	details      []string // in the order of those of the other languages
}

var tongues = []tongue{darija, chat, standard, french, english, tachelhit}

var darija = tongue{
	lang: "ary", script: "Arab", arab: true,
	greet: []string{"السلام عليكم", "عافاكم", "عتقونا", "سلام الخوت", "الله يرحم الوالدين", ""},
	needs: map[string][]string{
		"rescue":   {"طاحت الدار على الناس وباقيين لتحت", "السقف راب علينا وكاين ناس تحت الردم", "كاينين ناس مردومين وكنسمعو الصوت", "الحيط طاح وحصلو لداخل، خاصنا اللي يحفر", "باقيين تحت الردم من الليل"},
		"shelter":  {"بايتين فالخلا وخاصنا خيمة", "الدار ما بقاتش، بغينا خيام", "كنعسو برا بلا سقف", "خاصنا قيطون قبل ما تجي الشتا"},
		"warm":     {"البرد قاصح وما عندنا غطا", "خاصنا مانطات وفراش", "بغينا كاشات للدراري"},
		"food":     {"ما بقا ما يتكال", "خاصنا الماكلة، الدقيق والزيت", "بغينا الخبز والحليب"},
		"water":    {"الما تقطع علينا", "خاصنا الما ديال الشراب", "العين نشفات وما لقينا ما نشربو"},
		"medicine": {"عندنا مجروح وخاصو طبيب", "الدوا سالا وخاصنا نجيبوه", "بغينا شي فرملي ولا طبيب دغيا"},
		"road":     {"الطريق محبوسة بالحجر", "الطريق مقطوعة وما داز عندنا حد"},
	},
	home:      []string{"دار {name}", "عائلة {name}", "الدار ديال {name}", "أسرة {name}", "عند {name}"},
	many:      []string{"حنا {n}", "{n} ديال الناس", "فيهم {n}", "{n} د النفوس"},
	everybody: []string{"الدوار كامل", "الدوار كلو", "سكان الدوار", "دوارنا"},
	end:       []string{"الله يجازيكم بخير", "دغيا عفاكم", "عيطو لينا", "شكرا", "", ""},
	details: []string{"حدا الساقية الفوقانية", "المرا عاد ولدات التوام", "الجد مبتور الرجل", "كاين بير مردوم قدام الباب", "ملي طاحت الصومعة عليها", "فيهم خياط معروف", "البنت عندها الصرع", "لي فيها شجرة الخروب الكبيرة",
		"قدام معصرة الزيت", "مول الطاحونة", "العرس كان عندهم ديك الليلة", "البيت لي فوق الكراج الأزرق", "الشيبانية عمية", "كاين سلك الضو طايح", "عندهم محل الحلاقة", "المعلم ديال الصبيان", "القنطرة ديال الخشب تهرسات", "مربي النحل",
		"الكسابة لي عندهم المعز", "وليد عندو التوحد", "دار بثلاث طبقات", "مقابلة مع المقبرة القديمة", "خاصو الأوكسيجين", "الفران البلدي"},
}

var chat = tongue{
	lang: "ary", script: "Latn",
	greet: []string{"salam", "salam 3likom", "3afakom", "3ti9ona", "lkhot 3afakom", ""},
	needs: map[string][]string{
		"rescue":   {"ta7et dar 3la nas o ba9in lte7t", "sa9f rab o kaynin nas t7t radm", "kaynin nas mrdomin o kansm3o sout", "l7it ta7 o 7aslo ldakhl", "ba9in ta7t radm mn lil"},
		"shelter":  {"baytin flkhla o khasna khayma", "dar mab9atch bghina khyam", "kan3so bra bla s9ef", "khasna 9ayton 9bl chta"},
		"warm":     {"lbrd 9as7 o ma3ndna ghta", "khasna manta o frach", "bghina kachat l drari"},
		"food":     {"mab9a maytkal", "khasna lmakla d9i9 o zit", "bghina khobz o 7lib"},
		"water":    {"lma t9t3 3lina", "khasna lma dyal chrab", "l3in nchfat o mal9ina manchrbo"},
		"medicine": {"3ndna mjrou7 khaso tbib", "dwa sala o khasna njiboh", "bghina chi frmli wla tbib dghya"},
		"road":     {"tri9 m7bosa b l7jar", "tri9 m9tou3a o madaz 3ndna 7ed"},
	},
	home:      []string{"dar {name}", "3a2ilat {name}", "dar dyal {name}", "3nd {name}", "3ailat {name}"},
	many:      []string{"7na {n}", "{n} dyal nas", "fihom {n}", "{n} d nfos"},
	everybody: []string{"douar kamel", "ddouar kamel", "sokan douar", "douarna"},
	end:       []string{"lay jazikom bikhir", "dghya 3afakom", "3ayto lina", "chokran", "", ""},
	details: []string{"7da sa9ya lfou9aniya", "lmra 3ad wldat twam", "jed mbtour rjel", "kayn bir mrdom 9dam lbab", "mli ta7t soma3a 3liha", "fihom khyat m3rouf", "lbnt 3ndha sra3", "li fiha chejra d lkharoub",
		"9dam m3sra d zit", "moul ta7ouna", "l3ers kan 3ndhom dik lila", "lbit li fou9 garage zra9", "chibaniya 3amya", "kayn silk d dow tayh", "3ndhom ma7al l7ila9a", "m3elem dyal sebyan", "9ntra dyal lkhchb thrsat", "morabi n7el",
		"lkssaba li 3ndhom lm3ez", "wlid 3ndo tawa7od", "dar b tlata d tab9at", "m9abla m3a lm9bara l9dima", "khaso oxygene", "lfran lbeldi"},
}

var standard = tongue{
	lang: "ar", script: "Arab", arab: true,
	greet: []string{"السلام عليكم ورحمة الله", "نداء استغاثة", "المرجو التدخل", "إلى من يهمه الأمر", "", ""},
	needs: map[string][]string{
		"rescue":   {"انهار المنزل وهناك أشخاص تحت الأنقاض", "سقط السقف ولا يزال بعضهم محاصرا في الداخل", "نسمع أصواتا من تحت الركام ونحتاج فرقة إنقاذ", "لم نتمكن من إخراجهم من تحت الأنقاض"},
		"shelter":  {"نبيت في العراء ونحتاج إلى خيام", "فقدنا بيتنا ونحتاج مأوى", "الأسرة بلا سقف منذ الليلة الأولى"},
		"warm":     {"نحتاج أغطية وأفرشة", "البرد شديد ولا أغطية لدينا", "المطلوب بطانيات وملابس دافئة"},
		"food":     {"نفد الطعام", "نحتاج مواد غذائية ودقيقا وزيتا", "لا يوجد ما يؤكل منذ أمس"},
		"water":    {"انقطع الماء الصالح للشرب", "نحتاج قنينات ماء", "جفت العين ولا ماء عندنا"},
		"medicine": {"لدينا جريح يحتاج إلى طبيب", "نفد الدواء ونحتاج من يوصله", "نطلب ممرضا أو طبيبا على وجه السرعة"},
		"road":     {"الطريق مقطوعة بسبب الصخور", "لم تصل إلينا أي سيارة لأن الطريق مغلقة"},
	},
	home:      []string{"منزل {name}", "أسرة السيد {name}", "عائلة {name}", "بيت {name}"},
	many:      []string{"عددنا {n}", "{n} أفراد", "وهم {n} أشخاص", "{n} أنفس"},
	everybody: []string{"جميع سكان الدوار", "كل الدوار", "ساكنة الدوار", "القرية كلها"},
	end:       []string{"جزاكم الله خيرا", "نرجو الإسراع", "وشكرا لكم", "", ""},
	details: []string{"قرب الساقية العليا", "الأم وضعت توأمين قبل أيام", "الجد مبتور الساق", "أمام البئر المردومة", "سقطت عليه الصومعة", "صاحبه خياط معروف", "ابنتهم مصابة بالصرع", "بجانب شجرة الخروب الكبيرة",
		"أمام معصرة الزيتون", "صاحب الطاحونة", "كان عندهم عرس تلك الليلة", "فوق المرآب الأزرق", "الجدة كفيفة", "سقط سلك الكهرباء", "صاحب محل الحلاقة", "معلم الصبيان", "تكسرت القنطرة الخشبية", "مربي النحل",
		"رعاة الماعز", "ابنهم مصاب بالتوحد", "بناية من ثلاثة طوابق", "قبالة المقبرة القديمة", "يحتاج إلى الأوكسجين", "قرب الفرن التقليدي"},
}

var french = tongue{
	lang: "fr", script: "Latn",
	greet: []string{"Bonjour", "Au secours", "SVP", "Urgent", "Bonsoir à tous", ""},
	needs: map[string][]string{
		"rescue":   {"la maison s'est effondrée, des gens sont sous les décombres", "le toit est tombé et ils sont coincés dessous", "on entend des voix sous les gravats, il faut une équipe", "ils sont encore ensevelis depuis la nuit"},
		"shelter":  {"nous dormons dehors, il faut une tente", "plus de maison, besoin de tentes", "la famille est sans abri"},
		"warm":     {"pas de couvertures et il fait froid", "besoin de matelas et de couvertures", "il manque des vêtements chauds"},
		"food":     {"plus rien à manger", "besoin de farine, d'huile et de sucre", "il manque du pain et du lait"},
		"water":    {"plus d'eau potable", "l'eau est coupée", "la source est à sec, rien à boire"},
		"medicine": {"un blessé a besoin d'un médecin", "plus de médicaments", "il faut un infirmier au plus vite"},
		"road":     {"la route est coupée par les rochers", "aucune voiture ne passe, piste bloquée"},
	},
	home:      []string{"maison de {name}", "famille {name}", "chez {name}", "la famille de M. {name}"},
	many:      []string{"nous sommes {n}", "{n} personnes", "ils sont {n}", "{n} pers."},
	everybody: []string{"tout le douar", "le douar entier", "tous les habitants", "tout le village"},
	end:       []string{"merci", "faites vite", "rappelez-nous", "merci d'avance", "", ""},
	details: []string{"à côté du canal du haut", "la mère vient d'accoucher de jumeaux", "le grand-père est amputé", "devant le puits comblé", "le minaret est tombé dessus", "c'est le tailleur connu", "leur fille est épileptique", "près du grand caroubier",
		"en face du pressoir à olives", "le propriétaire du moulin", "il y avait un mariage ce soir-là", "au-dessus du garage bleu", "la grand-mère est aveugle", "un câble électrique pend", "le salon de coiffure", "l'instituteur coranique", "la passerelle en bois est cassée", "l'apiculteur",
		"les éleveurs de chèvres", "leur garçon est autiste", "un immeuble de trois étages", "en face de l'ancien cimetière", "il lui faut de l'oxygène", "près du four traditionnel"},
}

var english = tongue{
	lang: "en", script: "Latn",
	greet: []string{"Hello", "Please help", "Urgent", "Hi everyone", ""},
	needs: map[string][]string{
		"rescue":   {"the house collapsed and people are under the rubble", "the roof fell, they are trapped inside", "we can hear voices under the debris, send a rescue team", "still buried since last night"},
		"shelter":  {"they sleep outside and need a tent", "house destroyed, tents needed", "the family has no shelter"},
		"warm":     {"no blankets and it is cold", "blankets and mattresses needed", "need warm clothes"},
		"food":     {"nothing left to eat", "flour, oil and sugar needed", "no bread, no milk"},
		"water":    {"no drinking water", "the water is cut", "the spring is dry, nothing to drink"},
		"medicine": {"someone is injured and needs a doctor", "medicine has run out", "a nurse is needed quickly"},
		"road":     {"the road is blocked by rocks", "no car can pass, the road is cut"},
	},
	home:      []string{"house of {name}", "{name} family", "family of {name}", "home of Mr {name}"},
	many:      []string{"{n} people", "they are {n}", "{n} of them", "we are {n}"},
	everybody: []string{"the whole village", "our whole village", "the entire village", "the whole douar"},
	end:       []string{"thank you", "please hurry", "call them", "", ""},
	details: []string{"beside the upper canal", "mother just gave birth to twins", "grandfather is an amputee", "in front of the filled-in well", "the minaret fell on it", "he is the well-known tailor", "their daughter has epilepsy", "near the big carob tree",
		"opposite the olive press", "the owner of the mill", "there was a wedding that evening", "above the blue garage", "grandmother is blind", "an electric cable is hanging", "the barber shop", "the coranic teacher", "the wooden footbridge is broken", "the beekeeper",
		"the goat herders", "their boy is autistic", "a three-storey building", "facing the old graveyard", "he needs oxygen", "near the traditional oven"},
}

var tachelhit = tongue{
	lang: "shi", script: "Latn",
	greet: []string{"azul", "azul flawn", "awsat agh", "a yaytma", ""},
	needs: map[string][]string{
		"rescue":   {"tdr tgmmi f middn, sul ddaw izran", "idr ssqf, llan middn ddaw ikkern", "nsflid i wawal nnsn ddaw izran, nra wida ighzan", "sul ghin ddaw waluḍ zgh iḍ"},
		"shelter":  {"nggan gh brra, nra taqidunt", "urd tqqama tgmmi, nra iqidan", "nlla gh brra bla tigmmi"},
		"warm":     {"asmmid bahra, ur darngh taduli", "nra tifrichin d ifggagn", "ran tarwa taduli"},
		"food":     {"ur sul illi mad nchtta", "nra aghrum d zzit d wggurn", "ixssa agh utchi"},
		"water":    {"bbin waman", "nra aman n tissi", "tqqur tala, ur nufi aman"},
		"medicine": {"illa yan yaggs, ira adbib", "ur sul llin isafarn", "nra amsgnaf s uzzal"},
		"road":     {"abrid iqqn s izran", "ibbi ubrid, ur d iddi yan"},
	},
	home:      []string{"tigmmi n {name}", "takat n {name}", "gh dar {name}", "ayt tgmmi n {name}"},
	many:      []string{"nga {n}", "{n} n middn", "gan {n}"},
	everybody: []string{"taddart kullu", "lduar kaml", "taddart nngh"},
	end:       []string{"rbbi ad awn ig lkhir", "s uzzal", "ghrat agh", "", ""},
	details: []string{"tama n trga n uflla", "innas turu ikniwn", "jddis ibbi uḍar nns", "gh dat wanu irdmn", "tdr fllas ṣṣumaɛt", "netta ayga axyyaḍ", "illis dars ṣṣrɛ", "tama n ukharrub mqqurn",
		"gh dat n lmɛaṣrt n zzit", "bab n tzrgt", "tlla tmghra gh darsn iḍ ann", "afella n ugaraj azrwal", "jddas tga tabukadt", "iḍr usluk n triciti", "tahanut n uḥjjam", "ṭṭalb n tmzgida", "trrẓa tqnṭrt n ukchchuḍ", "bab n tzizwa",
		"imksawn n waghaḍ", "iwis dars tawahud", "tigmmi n kraḍ iḍurn", "mnid n imḍal iqburn", "ira uksijin", "tama n ufarnu aqbur"},
}
