"""What the panel network reads of a customer, month by month, in plain Python.

A month without a row keeps what was held; changes count between rows of consecutive months alone.
"""

NEVER = 255
AGES = 13
JOINING_MONTHS = 6


def bits(word):
    return [item for item in range(64) if word >> item & 1]


def walk(rows, items, first_month, step_count, first_month_number):
    """rows: (month index, held word, is active), ascending. A dictionary for each step."""
    rows = [(month, held & (1 << items) - 1, active) for month, held, active in rows]
    first = rows[0][0] if rows else first_month
    by_month = {month: (held, active) for month, held, active in rows}
    held = 0
    since_added, since_dropped = [NEVER] * items, [NEVER] * items
    steps = []
    for month in range(min(first, first_month), first_month + step_count):
        added = dropped = taken = 0
        present, active, has_target = month in by_month, False, False
        if present:
            now, active = by_month[month]
            if month - 1 in by_month:
                added, dropped = now & ~held, held & ~now
            held = now
            if month + 1 in by_month:
                has_target, taken = True, by_month[month + 1][0] & ~now
        for since, happened in [(since_added, added), (since_dropped, dropped)]:
            for item in range(items):
                if happened >> item & 1:
                    since[item] = 0
                elif since[item] < NEVER - 1:
                    since[item] += 1
        if month < first_month:
            continue
        month_of_year = (first_month_number + month + 1) % 12
        base = 3 * items
        features = bits(held) + [items + i for i in bits(added)] + [2 * items + i for i in bits(dropped)]
        if rows and first > 0 and month >= first:
            features.append(base + min(month - first, JOINING_MONTHS))
        base += JOINING_MONTHS + 1
        features += [base] * present + [base + 1] * active + [base + 2 + month_of_year]
        # Ages of what can be taken: (row of the table, item).
        ages = []
        for item in range(items):
            if held >> item & 1:
                continue
            for start, since in [(0, since_added), (AGES + 1, since_dropped)]:
                if since[item] != NEVER:
                    ages.append((start + min(since[item], AGES), item))
        steps.append({
            "features": features, "ages": ages, "held": held, "taken": taken,
            "has_target": has_target, "month_of_year": month_of_year,
            "events": [2 * item + (dropped >> item & 1) for item in bits(added | dropped)],
        })
    return steps
