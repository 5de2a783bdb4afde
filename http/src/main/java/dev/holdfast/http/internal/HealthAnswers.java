package dev.holdfast.http.internal;

import dev.holdfast.node.HoldfastNode;
import dev.holdfast.node.NodeHealth;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.http.HttpStatus;

/** Says how the peer is: a word, and why, each reason in a line of its own. */
public final class HealthAnswers {
    private static final long SILENCE_HOLDS_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final HoldfastNode node;

    private final AtomicBoolean asking = new AtomicBoolean();
    private volatile List<String> silent = List.of();
    private volatile long askedNanos = System.nanoTime() - SILENCE_HOLDS_NANOS;

    public HealthAnswers(HoldfastNode node) {
        this.node = node;
    }

    Answer live() {
        NodeHealth health = node.health();
        return health.live() ? well("live") : ill("not live", health.problems());
    }

    Answer ready() {
        NodeHealth health = node.health();
        if (health.ready()) {
            silent = List.of();
            return well("ready");
        }
        List<String> reasons = new ArrayList<>(health.problems());
        if (health.live()) {
            List<String> missing = silentMembers();
            if (!missing.isEmpty()) {
                reasons.add("no answer from " + String.join(", ", missing));
            }
        }
        return ill("not ready", reasons);
    }

    /** Has them asked now and then, which takes up to a second; a probe does not wait for that, and the next one knows. */
    private List<String> silentMembers() {
        if (System.nanoTime() - askedNanos >= SILENCE_HOLDS_NANOS && asking.compareAndSet(false, true)) {
            Thread thread = new Thread(this::ask, "holdfast-http-silence");
            thread.setDaemon(true);
            thread.start();
        }
        return silent;
    }

    private void ask() {
        try {
            silent = node.silentMembers();
            askedNanos = System.nanoTime();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            asking.set(false);
        }
    }

    private Answer well(String word) {
        return Answer.text(HttpStatus.OK_200, "peer " + node.id() + " is " + word);
    }

    private Answer ill(String word, List<String> reasons) {
        return Answer.text(
                HttpStatus.SERVICE_UNAVAILABLE_503,
                "peer " + node.id() + " is " + word + "\n" + String.join("\n", reasons));
    }
}
