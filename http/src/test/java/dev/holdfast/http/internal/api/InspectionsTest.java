package dev.holdfast.http.internal.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.transport.Transport;
import dev.holdfast.http.internal.api.Inspections.Inspection;
import dev.holdfast.node.support.NoTransport;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.RejectionCode;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class InspectionsTest {
    private static final LockableKey POOL = LockableKey.semaphore("pool");

    private final Deque<CompletableFuture<Answer>> asked = new ArrayDeque<>();
    private final Inspections inspections = new Inspections();
    private final Transport leader = new NoTransport() {
        @Override
        public CompletableFuture<Answer> query(Query query) {
            CompletableFuture<Answer> answer = new CompletableFuture<>();
            asked.add(answer);
            return answer;
        }
    };

    private CompletableFuture<Inspection> inspect(LockableKey lockable) {
        return inspections.inspect(leader, lockable, () -> new Asking(Runnable::run));
    }

    private static Answer view(int held) {
        return new Answer.LockableView(POOL, held, List.of(), 0, List.of());
    }

    @Test
    void who_comes_while_it_is_asked_shares_the_next_question_and_not_this_one() {
        CompletableFuture<Inspection> first = inspect(POOL);
        CompletableFuture<Inspection> second = inspect(POOL);
        CompletableFuture<Inspection> third = inspect(POOL);
        assertThat(asked).hasSize(1);
        asked.remove().complete(view(1));
        assertThat(first.join().view().held()).isEqualTo(1);
        assertThat(second).isNotDone();
        assertThat(asked).hasSize(1);
        CompletableFuture<Inspection> fourth = inspect(POOL);
        asked.remove().complete(view(2));
        assertThat(second.join().view().held()).isEqualTo(2);
        assertThat(third.join().sentNanos()).isEqualTo(second.join().sentNanos());
        assertThat(second.join().sentNanos())
                .isGreaterThanOrEqualTo(first.join().sentNanos());
        asked.remove().complete(view(3));
        assertThat(fourth.join().view().held()).isEqualTo(3);
        assertThat(asked).isEmpty();
        CompletableFuture<Inspection> later = inspect(POOL);
        asked.remove().complete(view(4));
        assertThat(later.join().view().held()).isEqualTo(4);
    }

    @Test
    void others_are_asked_about_at_the_same_time_and_a_failure_is_of_those_who_asked() {
        CompletableFuture<Inspection> pool = inspect(POOL);
        CompletableFuture<Inspection> next = inspect(POOL);
        CompletableFuture<Inspection> other = inspect(LockableKey.mutex("other"));
        assertThat(asked).hasSize(2);
        asked.remove().complete(new Answer.QueryRejected(RejectionCode.FORBIDDEN, "no"));
        assertThat(pool).isCompletedExceptionally();
        asked.remove().complete(view(5));
        assertThat(other.join().view().held()).isEqualTo(5);
        asked.remove().complete(view(6));
        assertThat(next.join().view().held()).isEqualTo(6);
    }
}
