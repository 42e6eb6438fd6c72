package register

import (
	"iter"
	"strings"
	"sync"
	"unicode/utf8"
)

// cue is what a word says about the names around it. A word may say several things.
type cue uint32

const (
	signing    cue = 1 << iota // sign, endorse, join, co-sponsor; signatory
	issuing                    // issue, release; statement, declaration
	we                         // we, the undersigned
	leaders                    // ministers, governments, delegations, representatives: who speaks for a state
	heading                    // "the following", "namely": a list begins
	saying                     // reaffirm, welcome, call upon: what those who issue a statement do
	behalf                     // on behalf of
	negation                   // not, never
	exception                  // except, without: what follows is left out
	hostile                    // against, condemn, sanctions, victims: what follows is spoken of
	presenting                 // delivered by, read out by
	members                    // member states, countries, members: makes a group of a name
	states                     // nouns that are counted: states, countries
	parties                    // nouns that are counted and are not all states: participants, signatories, delegations
	joining                    // and, as well as
	small                      // articles, prepositions: what may stand between a comma and a name
	title                      // minister, president, H.E.: what stands before a name in a list of persons
	formal                     // kingdom, republic: begins a formal name
	placing                    // in, near, from: what follows is a place
	turning                    // but, while: another clause begins
	loose                      // more than, at least, about
	others                     // other, others
	including                  // including, such as
	between                    // between (an agreement between A and B)
	pact                       // agreement, convention, memorandum
	attending                  // attended, present, observers: was there, which is no signature
	planned                    // ready to, will: what has not happened
)

// cueWords are the words by what they say, in the languages that texts are pasted in. Phrases are parted by semicolons; * stands for any ending.
var cueWords = []struct {
	cue   cue
	words string
}{
	{signing, `confirmed; confirmado*; confirme; confirmes; подтвердил*; bestatigt*; صادق*; مصادقه; المصادقه; مصدقه; توقيعات; التوقيعات; ung ho; المؤيده ل; المؤيدون; المنضمه; poparl*; poparci*; przystapi*; podpisy; podpisane; imzalay*; imzalad*; katilan; katildi*; taraf ulkeler; bergabung; mendukung; menyepakati; medeondertekenaars; sluiten zich aan; aangesloten; se rallient; se rallie; sign; signs; signed; signing; signature*; signator*; cosign*; co sign*; undersigned; endors*; cosponsor*; co sponsor*; sponsors; sponsored; joined; joins; joining; have joined; has joined; to join; join in; aligned; aligns; align; associat* itself; associat* themselves; adher*; acced*; subscrib*; ratif*; pledge to; supporters; supported by; supporting; participating; attended by; coauthor*; co author*; participating states; participating countries; parties to;
		signe; signee; signes; signees; signent; signer; signant; ont signe; signat*; souscri*; adhere*; adhesion*; rejoint; rejoignent; rejoindre; se sont joints; se joignent; s associent; s associe; soussignes; soussigne; approuve; parrain*; coparrain*; co parrain*; coauteur*; endosse*; ralli*;
		firma; firman; firmado; firmada; firmados; firmadas; firmaron; firmo; firmar; firmante*; suscri*; adhiri*; adhier*; adhesi*; se han sumado; se sumaron; se suman; se sumo; se unieron; se unen; se ha unido; se han unido; respald*; copatrocin*; patrocin*; refrend*; infrascrit*;
		assin*; subscrev*; subscrito*; aderir*; aderi*; adesa*; apoiado por; endossa*; juntaram se; unterzeichn*; unterschr*; mitunterzeichn*; vertragsstaat*; beigetreten; beitritt*; angeschlossen; schlossen sich; schliessen sich; schloss sich; schliesst sich; ratifi*; unterstutzt von; mitgetragen; tragen mit;
		firmat*; sottoscri*; aderit*; aderisc*; hanno aderito; ondertekend*; ondertekenaar*; imzala*; imzaci*; menandatangani; ditandatangani; penandatangan*; podpis*; sygnatariusz*; pidpys*; підпис*; приєдна*;
		подпис*; присоедин*; соавтор*; поддержали; поддержавш*; одобрили; нижеподписавш*; сторонами соглашения;
		وقع; وقعت; وقعوا; وقعها; وقعته; وقعتها; وقعه; يوقع; توقيع; التوقيع; موقع; الموقعه; الموقعون; الموقعين; موقعه; ووقع; ووقعت; انضم*; وانضم*; ايد; ايدت; تؤيد; المؤيده; تبنت; اعتمدت; شاركت في تقديم; المشاركه في تقديم; المشاركون; نحن الموقعين;
		签署; 签字; 签订; 联署; 联合签署; 附议; 加入; 赞同; 共同提案; 联合提案; 缔约; 共同提出; 核可; 簽署; 連署; 署名; 参加国; 賛同; 支持国; 共同提案国; 참여; 서명*; 체결*; 동참*; 지지국; 공동제안국; 가입*; 참가국; ky ket; ky; da ky; cac ben ky; tham gia ky; dong bao tro; tham gia tuyen bo; ung ho tuyen bo`},
	{issuing, `共同发言; 联合发言; 共同發言; deklaracj*; oswiadczeni*; aciklama*; bildirge*; ortak bildiri; mengeluarkan; verklaring; gezamenlijke verklaring; tabled; submitted; initiated; put forward; circulated; proposed; issue; issued; issues; issuing; released; release; released the following; delivered; made the following statement; the following statement; joint statement; joint declaration; joint communique; statement; declaration; communique; pledge; appeal; call to action; text of; made; adopted; adopt; launch*; announc*; published; present the; presented;
		declaration; declaration conjointe; declare*; communique; communique conjoint; ont publie; publient; publie; appel; engagement; ont adopte; adoptent; emis; publiee; ont lance; lancent; annonc*;
		declaracion; declaracion conjunta; comunicado; emitieron; emiten; emitido; emitida; publicaron; hicieron publico; llamamiento; compromiso; adoptaron; adoptan; anunci*; lanzaron;
		declaracao; comunicado; emitiram; divulgaram; declararam; erklarung; gemeinsame erklarung; stellungnahme; kommunique; gaben; veroffentlicht*; verabschied*; dichiarazione; verklaring; bildiri; pernyataan; oswiadczenie; zajava; заява; заяву;
		заявлени*; декларац*; коммюнике; выступили; приняли; опубликовали; сделали; призыв*; обращени*; обнародова*;
		بيان; بيانا; البيان; اصدر; اصدرت; اصدروا; صدر; اعلان; اعلانا; الاعلان; اعلن*; بيانا مشتركا; بيان مشترك; البيان المشترك; نداء; تعهد; اعتمدوا; تصدر;
		发表; 声明; 宣言; 联合声明; 共同声明; 公报; 公報; 倡议; 聲明; 發表; 發布; 发布; 承诺; 呼吁书; 通过了; 宣布; 発表; 성명; 공동성명; 선언*; 발표*; 채택*; tuyen bo; tuyen bo chung; ra tuyen bo; thong cao; cam ket; dua ra tuyen bo`},
	{we, `we; nous; nosotros; nosotras; nos; wir; noi; мы; نحن; 我们; 我等; 吾等; 私たち; 我々; われわれ; 우리; 우리는; chung toi; kami; biz; wij; my nizej; ми`},
	{leaders, `representing; represented by; representant; representando; representes par; представля*; ممثله; leaders; heads of state; heads of government; heads of state and government; ministers; minister; foreign ministers; governments; government; representatives; delegations; ambassadors; permanent missions; permanent representatives; missions; presidents; prime ministers; authorities; the states of; officials; secretaries of state; chiefs; spokespersons;
		chefs d etat; chefs; ministres; gouvernements; gouvernement; representants; delegations; ambassadeurs; missions permanentes; dirigeants; autorites; presidents;
		jefes de estado; jefes; ministros; ministras; gobiernos; gobierno; representantes; delegaciones; embajadores; misiones permanentes; lideres; mandatarios; cancilleres; autoridades; presidentes;
		chefes de estado; chefes; governos; regierungen; regierung; aussenminister*; staats und regierungschefs; vertreter; vertreterinnen; minister; ministerinnen; delegationen; botschafter; capi di stato; ministri; governi; rappresentanti; ministri degli esteri; regeringen; ministers van; hukumetleri; disisleri bakanlari; menteri; para pemimpin; rzady; ministrowie;
		главы; глав; главами; министр*; правительств*; представител*; делегаци*; послы; лидер*; президенты; руководител*; постоянные представительства; власти; міністр*; уряди;
		وزراء; قاده; رؤساء; حكومات; حكومه; ممثلو; ممثلي; وفود; سفراء; زعماء; البعثات الدائمه; وزير; وزيرات; مندوبو; رءساء;
		外长; 外交部长; 部长; 领导人; 政府; 代表; 代表团; 常驻代表; 国家元首; 首脑; 元首; 大使; 外相; 首相; 大臣; 首脳; 代表部; 政府代表; 外長; 領導人; 部長; 장관*; 정상*; 외교장관*; 외무장관*; 정부*; 대표*; 대사*; bo truong; cac bo truong; lanh dao; chinh phu; dai dien; ngoai truong; dai su`},
	{heading, `وضمت; ضمت; تضم; وتضم; وتشمل; تشمل; takich jak; takie jak; takich panstw jak; nastepujace; nastepujacych; su ulkeler; asagidaki; the following; following; as follows; namely; are; were; list of; these are; those countries are; those states are; these states; these countries; viz; comprising; consisting of; listed below; below; by;
		suivants; suivantes; ci apres; a savoir; sont; liste des; comme suit; ci dessous; par; les suivants; composee de; dont voici la liste;
		siguientes; a saber; son; lista de; los siguientes; a continuacion; por; integrado por; seguintes; sao; por; folgende; folgenden; namlich; sind; von; liste der; seguenti; sono; da; onderstaande; berikut; yang berikut;
		следующи*; перечень; список; а именно; ниже; в том числе;
		التاليه; الاتيه; وهي; هي; هم; وهم; كل من; من كل; وكل من; قائمه; من قبل; التالي; ادناه; الدول هي;
		如下; 下列; 以下; 名单; 包括; 分别是; 即; 由; 有; 是; 为; 名單; 一覧; 次の; 다음; 명단; 다음과; bao gom; gom; cac nuoc sau; sau day; la; danh sach`},
	{including, `including; includes; include; such as; among them; among others; notably; like; for example; y compris; notamment; tels que; telles que; comme; dont; incluyendo; incluidos; incluidas; entre ellos; entre otros; como; tales como; incluindo; tais como; darunter; einschliesslich; wie; etwa; tra cui; compresi; в том числе; включая; такие как; таких как; من بينها; بما في ذلك; بما فيها; مثل; ومنها; 包括; 其中; 例如; 等国家; 비롯한; 포함; bao gom; trong do co; nhu`},
	{saying, `reaffirm*; reiterat*; welcom*; express*; call on; calls on; called on; call upon; called upon; stress*; underlin*; underscor*; emphasi*; recogni*; agree; agreed; commit*; recall*; condemn; condemns; condemned; resolve; declare*; affirm*; urge*; gathered; met; meeting; convened; stand; deplor*; note; support; supports; acknowledg*; determined; intend*; undertake*; decid*; commend*; state; stated; share; warn*; denounc*; strongly; jointly; today;
		reaffirm*; reiter*; soulign*; exprim*; appel*; condamn*; salu*; rappel*; affirm*; s engagent; nous engageons; reunis; constat*; reconn*; convenu; convien*; se felicit*; invit*; demand*; denonc*;
		reafirm*; reiter*; expres*; condena*; llam*; subray*; reconoc*; acuerd*; acorda*; reunid*; comprom*; instan; exhort*; celebra*; manifest*; declar*; destac*; rechaz*; manifiest*; solicit*; exig*; 
		reafirm*; reiter*; expressa*; condenam; reconhec*; saud*; conclam*; bekraftig*; begruss*; verurteil*; fordern; bekennen; betonen; erklaren; erklarten; rufen; verpflicht*; vereinbar*; ribadis*; esprim*; condann*; accolgono; invitano;
		подтвержда*; подтвердили; приветству*; осужда*; осудили; выража*; выразили; призыва*; призвали; подчеркива*; заявля*; заявили; договорил*; обязуются; отмеча*; собравш*; условились; намерены;
		تؤكد; اكد*; نؤكد; تدين; ادان*; ندين; تعرب; اعرب*; نعرب; يدعو*; دعا; دعت; تدعو; ندعو; رحب*; نرحب; شدد*; اتفق*; تلتزم; نلتزم; اجتمع*; تدعم; وتؤكد;
		重申; 强调; 谴责; 呼吁; 欢迎; 表示; 承诺; 一致; 共同; 认为; 决定; 敦促; 支持; 強調; 表明; 非難; 歓迎; 確認; 재확인*; 촉구*; 규탄*; 환영*; 표명*; 합의*; 강조*; tai khang dinh; khang dinh; len an; hoan nghenh; keu goi; bay to; cam ket; nhan manh`},
	{behalf, `on behalf of; in the name of; speaking for; au nom de; au nom du; au nom des; en nombre de; en nombre del; em nome de; em nome do; em nome dos; im namen; im namen von; a nome di; a nome del; от имени; от лица; باسم; نيابه عن; بالنيابه عن; 代表; 仅代表; を代表; を代表して; 대표하여; 대표해; thay mat; namens; adina; atas nama; w imieniu; від імені`},
	{negation, `alleged; allegedly; so called; purported; pretendu; pretendue; supuesto; supuesta; presunto; angeblich*; presunto; якобы; مزعوم; المزعوم; 所谓; 所謂; not; did not; has not; have not; had not; is not; are not; were not; was not; didn t; hasn t; haven t; doesn t; does not; do not; never; no; nor; neither; none; non signator*; nonsignator*; refus*; declin*; absent; abstain*; absten*; missing; no longer; withdrew; withdrawn; opposed; oppose; voted against; yet to; rejected;
		ne; n; pas; n a pas; n ont pas; jamais; aucun*; absents; absente; se sont abstenus; non signataire*; ni; s opposent; refusent; se sont retires; retrait;
		no; nunca; ni; tampoco; ausente*; se abstuv*; no firmant*; rechazan; se retir*; se neg*; nao; nem; nunca; ausente*; recus*; nicht; kein*; nie; weder; fehl*; verweiger*; lehnt*; enthalt*; non; assent*; rifiut*; niet; geen; tidak; bukan; nie podpis*;
		не; нет; никогда; ни; отказ*; воздерж*; отсутств*; против; вышл*; не подпис*;
		لم; لا; لن; ليس; ليست; ما لم; غير; رفض*; امتنع*; غاب*; تغيب*; غابت; انسحب*; ولم; ولن; فيما لم; ترفض;
		未; 没有; 沒有; 不; 并未; 尚未; 拒绝; 缺席; 弃权; 反对; 退出; 無; ない; せず; しなかった; しておらず; 欠席; 않; 않았*; 안; 거부*; 불참*; 기권*; 제외*; khong; chua; tu choi; vang mat; phan doi`},
	{exception, `against; contre; contra; против; 反对; 反對; voted against; abstaining; abstentions; abstained; abstention; abstenciones; enthaltungen; воздержал*; الممتنعه; المعارضه; 弃权; removed; deleted; struck off; withdrawn; withdrew; withdrawal of; dropped; retir*; radie*; eliminad*; retirad*; отозва*; исключен*; удален*; سحب*; شطب*; حذف*; انسحب*; ازاله; 撤回; 撤销; 删除; 移除; 撤銷; 除名; 철회*; except; except for; excepting; excluding; with the exception of; with the exceptions of; apart from; other than; without; but not; not including; barring; minus; save for;
		sauf; excepte; a l exception de; a l exception du; a l exception des; hormis; hors; a l exclusion de; mais pas; sans; outre;
		excepto; salvo; a excepcion de; con excepcion de; con la excepcion de; pero no; sin; menos; exceto; com excecao de; a excecao de; sem; mas nao; ausser; mit ausnahme von; mit ausnahme; ohne; aber nicht; nicht aber; eccetto; tranne; ad eccezione di; senza; behalve; uitgezonderd; haric; kecuali; oprocz; z wyjatkiem;
		кроме; за исключением; исключая; без; но не; помимо; окрім; за винятком;
		باستثناء; ما عدا; ماعدا; عدا; دون; بدون; سوي; وليس;
		除了; 除; 不包括; 不含; 之外; 以外; を除く; を除き; を除いて; 제외한; 제외하고; 제외; ngoai tru; tru; khong bao gom; ngoai`},
	{hostile, `against; condemn; condemning; condemns; condemned; sanction*; war; wars; aggress*; invasion; attack*; violat*; abuse*; victim*; traffick*; tortur*; regime*; nationals; citizens; people; peoples; refugees; imports; import; imported; exports; export; travel*; earthquake; flood*; embassy; consulate; accus*; threat*; conflict*; crisis; hostage*; detain*; terror*; addressed to; urge; urges; urged; urging; call on; calls on; called on; call upon; calls upon; calling upon; calling on; demand that; to the government of; to the governments of; toward; towards; aid to; assistance to; supply to; weapons; territory; territories; border*; trade with; relations with; trade; visit*; situation; nuclear programme; nuclear program; programme of; products; goods;
		contre; condamn*; sanctions; guerre; agression; invasion; attaque*; victime*; regime; regimes; ressortissants; citoyens; peuple; refugies; importations; ambassade; consulat; menace*; crise; appelons; appellent; demandons; a l egard de; vers; territoire*; frontiere*; relations avec; situation; produits;
		contra; condena*; sanciones; guerra; agresion; invasion; ataque*; victimas; regimen; regimenes; nacionales; ciudadanos; pueblo; refugiados; importaciones; embajada; consulado; amenaza*; crisis; instan a; exhortan a; hacia; territorio*; frontera*; relaciones con; situacion; productos;
		guerra; agressao; invasao; vitimas; embaixada; cidadaos; gegen; krieg*; angriff*; verurteil*; sanktion*; opfer; burger; einfuhr*; botschaft in; fordern; fordert; gebiet; lage in; contro; sanzioni; guerra; tegen; oorlog; karsi;
		против; осужда*; осудили; санкци*; войн*; агресси*; вторжени*; нападени*; жертв*; режим*; граждан; гражданами; граждане; народ; народа; народу; народов; беженц*; импорт*; посольств*; угроз*; кризис*; призыва*; призвали; территори*; границ*; отношения с; в отношении; ситуаци*;
		ضد; تدين; ادان*; يدين; عقوبات; حرب; الحرب; عدوان; غزو; هجوم; هجمات; ضحايا; نظام; مواطني; شعب; الشعب; لاجئي; واردات; سفاره; قنصليه; تهديد*; ازمه; دعا; دعت; تدعو; تطالب; تجاه; اراضي; حدود; العلاقات مع; الوضع; من جانب;
		针对; 谴责; 制裁; 战争; 侵略; 入侵; 攻击; 受害; 政权; 公民; 人民; 难民; 进口; 大使馆; 领事馆; 威胁; 敦促; 領土; 领土; 边境; 关系; 局势; に対し; に対する; 対し; 非難; 戦争; 大使館; 国民; 대한; 대해; 침략; 규탄; 제재; 전쟁; 국민; 대사관; chong; len an; trung phat; chien tranh; xam luoc; nan nhan; cong dan; nguoi dan; nhap khau; dai su quan; doi voi`},
	{presenting, `delivered by; read by; read out by; presented by; introduced by; statement by; remarks by; statement delivered by; spoke; speaking; read the; delivered the; presented the; introduced the; lead by; led by; hosted by; chaired by; the representative of; the delegation of; the delegate of; the ambassador of; the permanent representative of; prononcee par; lue par; presentee par; lu par; presente par; le representant de; la representante de; la delegation de; pronunciada por; leida por; presentada por; el representante de; la representante de; la delegacion de; vorgetragen von; verlesen von; зачитал*; представил*; представитель; выступил*; огласил*; القاها; القاه; تلاها; قدمها; مندوب; ممثل; 宣读; 代表发言; 宣讀; 发言; 낭독; doc`},
	{members, `member states; members states; member countries; member state; members; member nations; countries; states; nations; members of; states members of; partners; governments; leaders; etats membres; pays membres; membres; pays; etats; estados miembros; paises miembros; miembros; paises; estados; estados membros; paises membros; membros; mitgliedstaaten; mitgliedsstaaten; mitgliedslander; mitglieder; staaten; lander; stati membri; paesi membri; membri; paesi; stati; lidstaten; landen; uyeleri; uye ulkeler; ulkeleri; negara anggota; negara negara anggota; negara negara; panstwa czlonkowskie; kraje;
		государств* член*; государств*; стран* член*; стран*; члены; членов; участник*; держав*; країн*; держави члени;
		دول; الدول; الدول الاعضاء; دوله; دولها; بلدان; البلدان; اعضاء; الاعضاء; الدول الاعضاء في; دولها الاعضاء; ودولها; ودولها الاعضاء; ودول;
		成员国; 会员国; 各国; 国家; 諸国; 成員國; 會員國; 加盟国; 회원국*; 국가*; 가맹국*; cac nuoc thanh vien; nuoc thanh vien; cac nuoc; cac quoc gia; thanh vien`},
	{states, `states; state; countries; country; nations; nation; member states; governments; un member states; counties;
		etats; pays; nations; gouvernements; etats membres; estados; paises; naciones; gobiernos; nacoes; governos; staaten; lander; staat; stati; paesi; nazioni; governi; landen; staten; ulke; ulkenin; ulkeden; devlet; negara; panstw; krajow; kraje; panstwa;
		государств*; стран*; держав*; країн*; держав;
		دوله; دول; بلد; بلدا; بلدان; دولا; حكومه; حكومات;
		国; 个国家; 国家; 國; 個國家; 国々; か国; カ国; ヶ国; ヵ国; ケ国; 개국*; 개; 국가*; 나라*; nuoc; quoc gia; nuoc va`},
	{parties, `participants; signatories; delegations; parties; sponsors; co sponsors; cosponsors; endorsers; supporters; members; endorsements; signatures; participating; partners; entities; entites; signataires; participants; delegations; parties; coauteurs; firmantes; participantes; delegaciones; partes; copatrocinadores; signatarios; delegacoes; unterzeichner; unterzeichnerstaaten; teilnehmer; delegationen; firmatari; partecipanti; участник*; делегаци*; подписант*; сторон*; مشاركا; مشاركين; موقعا; موقعين; وفدا; وفود; طرفا; 个代表团; 方; 个成员; 签署方; ben`},
	{joining, `and; as well as; along with; together with; plus; also; then; in addition to; joined by; et; ainsi que; de meme que; avec; y; e; asi como; junto con; ademas; bem como; assim como; und; sowie; sowohl; als auch; ed; nonche; en; alsmede; ve; ile; dan; serta; i; oraz; a; та; і; й; og; och; si; и; а также; также; و; وكذلك; وايضا; كما; فضلا عن; بالاضافه الي; اضافه الي; 和; 及; 以及; 与; 與; 暨; 并; 还有; と; および; 及び; ならびに; 並びに; そして; 및; 그리고; 와; 과; 랑; va; cung; cung voi; cung nhu`},
	{small, `за; dell; dello; delle; della; degli; nell; sull; all; pela; pelo; pelos; pelas; for the; pour; por; fur; per; para; for; the; of; for; in; by; a; an; to; from; la; le; les; l; de; du; des; d; el; los; las; del; al; il; lo; gli; i; della; di; del; degli; do; da; dos; das; o; os; as; der; die; das; dem; den; des; het; een; van; от; со; с; из; ال; من; 的; の; は; が; を; も; cua; nuoc; both; each; either; namely; finally; its; neighbours; neighbors; jirana; جيرانها`},
	{title, `h e; he; excellency; excellencies; his excellency; her excellency; mr; mrs; ms; miss; dr; prof; sir; dame; lord; lady; hon; honourable; honorable; rt; right; minister; ministers; deputy; vice; prime; president; premier; chancellor; chancellery; secretary; state; foreign; affairs; external; relations; international; cooperation; ambassador; permanent; representative; mission; delegation; government; governments; republic; kingdom; king; queen; prince; princess; emir; sultan; crown; sheikh; federal; minister for; interior; justice; defence; defense; trade; economy; environment; commissioner; high; head; chief; director; general; chair; chairman; chairperson; taoiseach; leader; leaders; attorney; senior; adviser; advisor; special; envoy; spokesperson; speaker;
		s e; son; excellence; m; mme; mm; mlle; ministre; ministres; president; presidente; premier; premiere; secretaire; etat; affaires; etrangeres; exterieures; europeennes; ambassadeur; ambassadrice; representant; representante; permanent; mission; gouvernement; chancelier; vice; roi; reine; chef; delegue; chargee; charge;
		excmo; excma; excelentisimo; sr; sra; don; dona; ministro; ministra; presidenta; primer; canciller; secretario; secretaria; asuntos; exteriores; relaciones; embajador; embajadora; representante; permanente; mision; gobierno; rey; jefe; jefa;
		bundeskanzler; bundeskanzlerin; prasident; prasidentin; ministerprasident; minister; ministerin; aussenminister; aussenministerin; botschafter; frau; herr; regierung; 
		министр; президент; премьер; канцлер; посол; король; правительство; господин; г; госпожа; министра; президента; 
		وزير; رئيس; ملك; سفير; امير; سلطان; معالي; السيد; السيده; دوله; خارجيه; الخارجيه; الوزراء; 
		bo truong; tong thong; thu tuong; ngoai truong`},
	{formal, `republic; kingdom; state; federation; federal; commonwealth; union; principality; grand; duchy; sultanate; democratic; people; peoples; socialist; islamic; united; plurinational; bolivarian; cooperative; independent; republique; royaume; etat; federation; principaute; republica; reino; estado; mancomunidad; republik; konigreich; bundesrepublik; repubblica; regno; республика; республики; королевство; государство; федерация; جمهوريه; مملكه; دوله; الجمهوريه; المملكه; سلطنه; cong hoa; vuong quoc`},
	{placing, `with; avec; con; com; mit; с; со; مع; in; at; near; into; within; across; inside; throughout; outside; via; through; to; from; against; versus; under; over; visiting; about; regarding; concerning; on; en; dans; a; au; aux; vers; depuis; chez; sur; sous; envers; em; no; na; nos; nas; hacia; desde; sobre; bajo; im; aus; nach; bei; uber; nel; nella; в; во; на; из; к; о; об; под; при; в; في; الي; من; علي; عن; 在; 对; 于; 向; 就; で; へ; から; に; tai; o; ve; doi voi; tu`},
	{turning, `but; while; whereas; although; however; though; yet; unlike; mais; tandis que; alors que; cependant; bien que; contrairement; pero; mientras; aunque; sin embargo; mas; enquanto; porem; aber; wahrend; jedoch; obwohl; hingegen; ma; mentre; но; хотя; однако; тогда как; в то время как; لكن; ولكن; بينما; فيما; في حين; غير ان; 但; 但是; 而; 不过; 然而; 虽然; 却; 一方; 但し; しかし; 반면; 하지만; 그러나; nhung; trong khi; tuy nhien`},
	{loose, `more than; over; at least; some; about; around; nearly; almost; approximately; up to; plus de; au moins; environ; quelque; pres de; mas de; al menos; unos; cerca de; casi; alrededor de; mais de; pelo menos; mehr als; uber; mindestens; rund; etwa; knapp; piu di; oltre; almeno; circa; более; свыше; не менее; около; почти; по меньшей мере; اكثر من; ما لا يقل عن; نحو; حوالي; قرابه; 超过; 多; 至少; 约; 近; 余; 以上; 逾; 이상; 여; 약; hon; it nhat; khoang; gan`},
	{others, `other; others; further; additional; more; another; autres; otros; otras; demas; outros; outras; mais; weitere; weiteren; andere; anderen; altri; altre; другие; других; другими; еще; ещё; اخري; اخرين; اخر; 其他; 其他国家; 另外; 他の; 다른; khac`},
	{attending, `attend*; present; presence; observer*; observing; took part; taken part; participated; participating; participants; presents; assistaient; ont assiste; ont participe; etaient presents; observateur*; asistieron; asistentes; participaron; observador*; presentes; participaram; anwesend*; teilgenommen; teilnehmend*; beobachter*; presenti; osservator*; hanno partecipato; участвовал*; присутствовал*; присутствующ*; наблюдател*; приняли участие; حضر*; الحاضر*; الحضور; مراقب*; المراقب*; بحضور; بمشاركه; 出席; 与会; 列席; 观察员; 観察員; 出席者; オブザーバー; 참석*; 옵서버*; tham du; quan sat vien`},
	{planned, `pending; invitation*; invite; a invite; ont ete invites; invitacion*; einladung*; пригла*; دعوه الي; 邀请; 招待; negotiations; negotiation; negociations; negociaciones; переговор*; مفاوضات; 谈判; verhandlung*; proposed; awaiting; outstanding; invited; potential; candidates; pendiente*; invitad*; invites; invitees; candidats; en attente; приглашен*; المدعوه; المدعوون; 受邀; 待签; eingeladen*; ausstehend; convidad*; ready to; plan to; plans to; planned to; intend to; intends to; expected to; willing to; prepared to; will; would; could; might; may; considering; invited to; asked to; urged to; hope to; hopes to; about to; want to; wants to; agreed to sign; prets a; pret a; prevoient; envisagent; pourraient; devraient; devrait; invites a; invitees a; dispuestos a; planean; podrian; deberan; invitados a; wollen; will; sollen; sollten; werden; konnten; готовы; готов; планиру*; намерен*; могут; должны; собираются; хотят; предложено; مستعد*; تعتزم; يعتزم; سوف; ستوقع; سيوقع; من المقرر; يتوقع; 准备; 计划; 将; 拟; 可能; 有望; 即将; 打算; 예정*; 계획*; 予定; 見通し; du kien; se ky; chuan bi`},
	{between, `between; among; entre; zwischen; tra; между; بين; 之间; 사이; giua`},
	{pact, `agreement; treaty; convention; memorandum; accord; protocol; pact; charter; covenant; traite; convention; protocole; pacte; memorando; convenio; tratado; acuerdo; acordo; convencao; protocolo; abkommen; vertrag; ubereinkommen; accordo; trattato; соглашени*; договор*; конвенци*; меморандум*; اتفاق*; الاتفاق*; معاهده; مذكره; اتفاقيه; 协定; 协议; 条约; 公约; 备忘录; 協定; 条約; 협정*; 조약*; hiep dinh; cong uoc; thoa thuan`},
}

// cueTree finds cue words: phrases by their first word, endings by stem.
type cuePhrase struct {
	words []string
	stem  bool // of the last word
	cue   cue
}

// cueTable holds the cue words: phrases by their first word, stems, and how many bytes the longest stem has.
type cueTable struct {
	phrases, stems map[string][]cuePhrase
	longest        int
}

// cueTables are made when a text is first read: most commands never read one.
var cueTables = sync.OnceValue(func() *cueTable {
	exact, stems, longest := map[string][]cuePhrase{}, map[string][]cuePhrase{}, 0
	for _, c := range cueWords {
		for _, phrase := range strings.Split(c.words, ";") {
			phrase = strings.TrimSpace(phrase)
			if phrase == "" {
				continue
			}
			stem := strings.HasSuffix(phrase, "*")
			ps := pieces(strings.ReplaceAll(phrase, "*", ""))
			x := cuePhrase{stem: stem, cue: c.cue}
			for i := range ps {
				x.words = append(x.words, ps[i].text)
			}
			if len(x.words) == 0 {
				continue
			}
			if stem && len(x.words) == 1 {
				stems[x.words[0]] = append(stems[x.words[0]], x)
				longest = max(longest, len(x.words[0]))
			} else {
				exact[x.words[0]] = append(exact[x.words[0]], x)
			}
		}
	}
	return &cueTable{exact, stems, longest}
})

// beginnings are the pieces that a word begins with which may be stems, from so many bytes on. None is longer than the longest
// stem: a word may be as long as the text, and reading it again for each of its letters would take the square of that.
func (t *cueTable) beginnings(word string, from int) iter.Seq[string] {
	return func(yield func(string) bool) {
		for n := from; n <= min(len(word), t.longest); n++ {
			if (n == len(word) || utf8.RuneStart(word[n])) && !yield(word[:n]) {
				return
			}
		}
	}
}

// markCues sets what every word says.
func markCues(ps []piece) {
	table := cueTables()
	cuePhrases, cueStems := table.phrases, table.stems
	for i := range ps {
		p := &ps[i]
		if p.kind != word && p.kind != sign {
			continue
		}
		for _, x := range cuePhrases[p.text] {
			if n := len(x.words); fits(ps[i:], x) {
				for j := range n {
					ps[i+j].cues |= x.cue
				}
			}
		}
		if p.kind == sign {
			continue
		}
		for beginning := range table.beginnings(p.text, 1) {
			for _, x := range cueStems[beginning] {
				p.cues |= x.cue
			}
		}
		if p.script == arabic && p.cues&^joining == 0 {
			for _, v := range append(arabicFronts(p.text), arabicKey(p.text)) {
				for _, x := range cuePhrases[v] {
					if len(x.words) == 1 && x.cue&(signing|issuing|leaders|members|states|exception|negation) != 0 {
						p.cues |= x.cue
					}
				}
				for beginning := range table.beginnings(v, 6) {
					for _, x := range cueStems[beginning] {
						p.cues |= x.cue
					}
				}
			}
		}
	}
}

func fits(ps []piece, x cuePhrase) bool {
	if len(ps) < len(x.words) {
		return false
	}
	for j, w := range x.words {
		if j > 0 && ps[j].before >= paragraph {
			return false
		}
		if ps[j].text != w && !(x.stem && j == len(x.words)-1 && strings.HasPrefix(ps[j].text, w)) {
			return false
		}
	}
	return true
}
