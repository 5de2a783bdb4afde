package dev.holdfast.node.internal.release;

import dev.holdfast.client.time.Timers;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the leader of a group switch the machine to newer semantics, once every member has known them for a while without a break.
 * Until then a member can be taken back to the release before; after that it would stop at the switch. There is nothing to do, and
 * nothing is done, while the newest that this release knows are in force.
 *
 * <p>A cluster that has done nothing yet has no release to be taken back to: it switches as soon as all members are known to know them,
 * unless one of them was seen with an older release, which it may be given again.
 */
public final class Activation implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Activation.class);

    private static final long LOOK_EVERY_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long LOOK_AT_FIRST_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /** How many times in a row all members must have known them: a minute. */
    static final int LOOKS = 12;

    /** The leader's term. */
    public interface Term {
        /** The semantics in force, as far as this peer has applied the log. */
        int semantics();

        /** Puts the switch into the log, and repeats that until it is done or the term is over. */
        void activate(int semantics);
    }

    private final int known;
    private final MemberReleases releases;
    private final Term term;
    private final Timers timers;
    private boolean hurries;
    private int wanted;
    private int looks;
    private int asked;
    private volatile boolean closed;

    /**
     * @param known the newest semantics that this release knows
     * @param isNew whether the cluster had done nothing yet when the term began
     */
    public Activation(int known, boolean isNew, MemberReleases releases, Term term, Timers timers) {
        this.known = known;
        this.hurries = isNew;
        this.releases = releases;
        this.term = term;
        this.timers = timers;
    }

    /** Begins to look. Called once, when the term begins. */
    public void start() {
        if (!closed && term.semantics() < known) {
            timers.schedule(this::look, hurries ? LOOK_AT_FIRST_EVERY_NANOS : LOOK_EVERY_NANOS);
        }
    }

    /** One after the other, as each plans the next. */
    private void look() {
        if (closed) {
            return;
        }
        hurries &= releases.now().values().stream()
                .flatMap(Optional::stream)
                .allMatch(said -> said.semantics().newest() >= known);
        OptionalInt common = releases.commonSemantics();
        int possible = Math.min(known, common.orElse(0));
        if (possible <= Math.max(term.semantics(), asked)) {
            looks = 0;
        } else if (possible != wanted) {
            wanted = possible;
            looks = 1;
        } else {
            looks++;
        }
        if (looks >= (hurries ? 1 : LOOKS)) {
            LOG.info("All members know semantics {}: the cluster switches to them", wanted);
            asked = wanted;
            looks = 0;
            term.activate(wanted);
        }
        start();
    }

    /** The term is over. */
    @Override
    public void close() {
        closed = true;
    }
}
