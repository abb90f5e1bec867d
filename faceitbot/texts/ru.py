"""Sentences in Russian."""

from datetime import datetime

MONTHS = (
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
)
TIERS = {"free": "Free", "premium": "Premium", "pro": "Pro"}
FOR_EVER = "навсегда"

SENTENCES = {
    # Requests
    "limit": "Лимит на сегодня исчерпан: {daily_limit} из {daily_limit}. Новые запросы — {resets_at}"
    " (через {resets_in_seconds}).",
    "blocked": "Доступ к боту закрыт. Если это ошибка, напишите: /paysupport и ваш вопрос.",
    # Referrals
    "unknown_user": "Сначала нажмите /start.",
    "already_referred": "Вы уже вводили код друга.",
    "unknown_code": "Такого кода нет. Проверьте его и введите ещё раз.",
    "own_code": "Это ваш собственный код. Отправьте его друзьям.",
    "ring": "Этот друг пришёл по вашему коду, поэтому его код ввести нельзя.",
    # Notices
    "expiring": "{tier} заканчивается {expires_at}. Продлите подписку, чтобы ничего не потерять.",
    "expired": "{tier} закончился. Теперь у вас {next_tier}.",
    "renewed": "{tier} продлён на {days}.",
    "renewal_failed": "Не удалось продлить {tier}: Telegram не смог списать {stars}. Пополните баланс звёзд.",
    "granted_by_staff": "Вы получили в подарок {tier}, {days}.",
    "refunded": "Вам вернули {stars}. Доступ по этому платежу закончился.",
    "payment_resolved": "Мы разобрались с вашим платежом: {tier}, {days}.",
    "referral_bonus": "Друг пришёл по вашему коду! Вы получаете {tier}, {days}.",
    # A pre-checkout query is declined
    "checkout_unknown": "Этот счёт недействителен. Откройте тарифы и выберите снова.",
    "checkout_paid": "Этот счёт уже оплачен.",
    "checkout_expired": "Срок счёта истёк. Откройте тарифы и выберите снова.",
    "checkout_other_payer": "Этот счёт выписан другому человеку.",
    "checkout_currency": "Оплата принимается только в звёздах Telegram.",
    "checkout_amount": "Цена изменилась. Откройте тарифы и выберите снова.",
    "checkout_closed": "Продажи временно приостановлены. Попробуйте позже.",
    "checkout_unavailable": "Сейчас оплату принять не получится. Попробуйте через минуту.",
    # Money
    "payment_granted": "Спасибо! {tier} подключён на {days}.",
    "payment_renewed": "{tier} продлён на {days}. Спасибо!",
    "payment_repeated": "Этот платёж уже учтён.",
    "payment_in_review": "Платёж получен и ждёт проверки. Мы ответим вам здесь; вопросы — /paysupport.",
    "payment_refunded_before": "Этот платёж уже возвращён.",
    "payment_delayed": "Платёж получен. Доступ появится через несколько минут, платить ещё раз не нужно.",
    "case_opened": "Мы получили ваше обращение и ответим здесь.",
    "referral_applied": "Код друга принят. Ваш подарок: {days} доступа.",
    # Talk
    "ask_nickname": "Пришлите ваш ник на FACEIT.",
    "linked": "Готово: ваш аккаунт FACEIT привязан.",
    # Invoices
    "invoice_title": "{tier}: {days}",
    "invoice_description": "Доступ уровня {tier} на {days}: анализ матчей и статистика игроков FACEIT CS2.",
    # Errors
    "unavailable": "Сейчас не получилось. Попробуйте через минуту.",
    "faceit_account_taken": "Этот аккаунт FACEIT уже привязан к другому пользователю.",
    "user_not_found": "Сначала нажмите /start.",
    "not_found": "Ничего не нашлось.",
    "conflict": "Это уже изменилось. Откройте заново и попробуйте ещё раз.",
    "already_revoked": "Это уже отменено.",
    "payment_state": "Это уже изменилось. Откройте заново и попробуйте ещё раз.",
    "payment_not_found": "Такого платежа нет.",
    "case_closed": "Это обращение уже закрыто.",
    "refused": "Так сделать нельзя.",
    "refused_closed": "Продажи временно приостановлены. Попробуйте позже.",
    "refused_off_sale": "Этот тариф больше не продаётся. Откройте тарифы и выберите другой.",
    "refused_recurring": "Подписка с продлением есть только на месяц. Откройте тарифы и выберите снова.",
    "refused_blocked": "Доступ к боту закрыт. Если это ошибка, напишите: /paysupport и ваш вопрос.",
    "invalid_input": "Не получилось прочитать введённое. Проверьте и попробуйте ещё раз.",
    "unknown_field": "Не получилось прочитать введённое. Проверьте и попробуйте ещё раз.",
    "database_unavailable": "Сейчас не получилось. Попробуйте через минуту.",
    "disk_full": "Сейчас не получилось. Попробуйте позже.",
    "outcome_unknown": "Мы не знаем, получилось ли. Проверьте и попробуйте ещё раз.",
}


def counted(number: int, one: str, few: str, many: str) -> str:
    """Give a number with its noun: 1 день, 2 дня, 5 дней."""
    teens = number % 100 in range(11, 15)
    if number % 10 == 1 and not teens:
        return f"{number} {one}"
    return f"{number} {few if number % 10 in (2, 3, 4) and not teens else many}"


def days(number: int) -> str:
    """Give a number of days."""
    return counted(number, "день", "дня", "дней")


def moment(value: datetime, today: datetime) -> str:
    """Give a moment in its own zone; of today only the time."""
    time = f"{value:%H:%M}"
    if value.date() == today.date():
        return f"сегодня в {time}"
    year = "" if value.year == today.year else f" {value.year}"
    return f"{value.day} {MONTHS[value.month - 1]}{year} в {time}"


def span(hours: int, minutes: int) -> str:
    """Give a length of time."""
    return f"{hours} ч {minutes} мин" if hours else f"{minutes} мин"
