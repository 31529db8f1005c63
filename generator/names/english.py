"""What names need of English: which words are verbs, and the singular of a noun."""

from __future__ import annotations

from .spelling import Words


def listed(text: str) -> frozenset[str]:
    """The words of a list that is written out."""
    return frozenset(text.split())


VERBS = listed(
    "abort accept accrue acknowledge activate add adjust advance aggregate allocate allow analyse analyze answer append"
    " apply approve archive arm ask assign associate assume attach attest authenticate authorise authorize autocomplete backfill"
    " ban batch begin bind block book boot browse build bulk calculate call cancel capture change check checkin checkout"
    " claim classify clean clear clone close collect combine commit compare compile complete compose compute configure"
    " confirm connect convert copy correct count create deactivate deauthorize decline decode decommission decrypt"
    " deduct defer define del delete deliver demote deny deploy deprecate deprovision deregister describe destroy detach"
    " detect diagnose disable disassociate discard disconnect discover dismiss dispatch dispute download drain drop duplicate edit"
    " embed emit empty enable encode encrypt end enqueue enroll enter erase establish estimate evaluate evict exchange execute expand"
    " expire explain export extend extract fail failover fetch fill filter finalise finalize find finish fire flag flush follow"
    " force forget fork forward freeze fulfill generate get give grant handle hide identify ignore import increase increment"
    " index infer ingest init initialise initialize initiate insert inspect install instantiate invalidate invite invoke"
    " join kick kill launch leave list load locate lock login logout lookup make map mark match merge migrate modify"
    " monitor move mute negotiate notify obtain open overwrite parse partial patch pause pay perform ping pin play poll populate post predict"
    " prepare preview print process promote propose provision prune publish pull purchase purge push put query queue read"
    " rearrange reassign reboot rebuild recalculate receive recognize recommend record recover recycle redact redeem redeliver redeploy"
    " redirect refresh refund regenerate register reindex reinstate reject release reload remind remove rename render"
    " renew reopen reorder replace replay reply report reprocess request rerequest rerun reschedule resend reserve reset resize resolve"
    " restart restore restrict resume retire retrieve retry return reverse revert revoke rewind rollback rotate run sanitize save"
    " scan schedule search select send set settle share show shutdown sign signin signout signup simulate skip snooze"
    " sort split star start stop store stream submit subscribe suggest summarize suspend swap switch sync synchronize"
    " take tag terminate test toggle track train transcode transcribe transfer transform transition translate trigger"
    " truncate unarchive unassign unbind unblock unfollow unfreeze unfurl unhide uninstall unlink unlock unmark unmute unpin unpublish"
    " unregister unset unshare unstar unsubscribe unsuspend untag update upgrade upload upsert use validate verify view void"
    " vote wait wake watch wipe withdraw write"
)
"""Words that begin the name of something that is done."""
ALSO_NOUNS = listed(
    "answer batch block book bulk call capture claim count dispute export file flag fork form import index invite issue"
    " label link list lock log map match monitor order pin play post preview process purchase query queue record release"
    " reply report request return schedule search share sign star store stream tag test track transfer trigger use view"
    " vote watch"
)
"""Verbs that a path has as nouns as well."""
LITTLE = listed(
    "about after as at before between by for from in into of on per through to under using via with without"
)
"""What stands between a verb and what it is done with."""
_SAME = listed(
    "access address aliases alias analysis analytics atlas aws axis basis billing bonus business bus canvas census chaos class"
    " compass congress consensus corpus cors credentials dns details dress ethos express fitness focus gas goods gps"
    " headquarters https ics insights ios kubernetes lens logistics macos mass means mms nexus news os physics"
    " preferences premises process progress redis rss savings series settings sms species statistics stats status"
    " sms tls tos ups venus virus vps wireless windows"
)
"""Words that end in `s` and are no plural, or that nobody writes in the singular."""
_IRREGULAR = {
    "aliases": "alias", "analyses": "analysis", "axes": "axis", "caches": "cache", "children": "child", "cookies": "cookie",
    "criteria": "criterion", "indices": "index", "matrices": "matrix", "men": "man", "movies": "movie", "people": "person",
    "statuses": "status", "buses": "bus", "viruses": "virus", "vertices": "vertex", "women": "woman", "bonuses": "bonus",
    "ties": "tie", "lies": "lie", "dies": "die", "cves": "cve",
    "dbs": "db", "ids": "id", "ips": "ip", "pcs": "pc", "prs": "pr", "vms": "vm",
}  # fmt: skip


def singular(word: str) -> str:
    """The singular of a word; the word itself if it is not a plural."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word in _SAME or len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    return word[:-2] if word.endswith(("sses", "xes", "ches", "shes", "zzes")) else word[:-1]


def is_plural(noun: Words) -> bool:
    """Whether the last word of a noun is a plural."""
    return singular(noun[-1]) != noun[-1]


def one_of(noun: Words) -> Words:
    """The singular of a noun."""
    return (*noun[:-1], singular(noun[-1]))


def is_verb(phrase: Words) -> bool:
    """Whether a phrase begins with a verb."""
    return phrase[:1] != () and phrase[0] in VERBS


def verb_size(phrase: Words) -> int:
    """How many words at the start of a phrase say what is done: one of `create_pet`, three of `create_or_update_pet`."""
    size = 1
    while phrase[size : size + 1] in (("or",), ("and",)) and is_verb(phrase[size + 1 :]):
        size += 2
    return size
