package dev.holdfast.node.internal.membership;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/** Tells the log what is tried in vain, once, until it is something else. Of one attempt after the other. */
final class RepeatedWarning {
    private final Logger log;
    private volatile @Nullable String lastSaid;

    RepeatedWarning(Logger log) {
        this.log = log;
    }

    void say(String what) {
        if (what.equals(lastSaid)) {
            log.debug("{}", what);
        } else {
            lastSaid = what;
            log.warn("{}. It is tried again", what);
        }
    }

    /** It was done: if the same is in vain again, the log hears of it again. */
    void forget() {
        lastSaid = null;
    }
}
