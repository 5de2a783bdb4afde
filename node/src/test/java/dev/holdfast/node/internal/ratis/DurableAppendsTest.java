package dev.holdfast.node.internal.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.node.internal.transport.RefusedException;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto.AppendResult;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.junit.jupiter.api.Test;

class DurableAppendsTest {
    private final DurableAppends appends = new DurableAppends();

    private static AppendEntriesRequestProto request(long... entries) {
        AppendEntriesRequestProto.Builder request = AppendEntriesRequestProto.newBuilder();
        for (long entry : entries) {
            request.addEntries(LogEntryProto.newBuilder().setIndex(entry));
        }
        return request.build();
    }

    private static AppendEntriesReplyProto reply(AppendResult result, long matchIndex) {
        return AppendEntriesReplyProto.newBuilder()
                .setResult(result)
                .setMatchIndex(matchIndex)
                .build();
    }

    private static CompletableFuture<AppendEntriesReplyProto> said(long matchIndex) {
        return CompletableFuture.completedFuture(reply(AppendResult.SUCCESS, matchIndex));
    }

    private CompletableFuture<AppendEntriesReplyProto> underWay(
            CompletableFuture<AppendEntriesReplyProto> writing, long flushed) throws IOException {
        return appends.append(request(5), () -> writing, () -> flushed);
    }

    @Test
    void entries_that_are_sent_again_are_acknowledged_with_the_write_of_the_first_and_not_before() throws Exception {
        CompletableFuture<AppendEntriesReplyProto> writing = new CompletableFuture<>();
        CompletableFuture<AppendEntriesReplyProto> first = underWay(writing, 5);
        CompletableFuture<AppendEntriesReplyProto> again = appends.append(request(5), () -> said(5), () -> 5);
        assertThat(first).isNotDone();
        assertThat(again).isNotDone();
        assertThatThrownBy(() -> appends.awaitSettled(1)).hasMessageContaining("not on its disk yet");

        writing.complete(reply(AppendResult.SUCCESS, 5));
        assertThat(first).isCompleted();
        assertThat(again).isCompleted();
        appends.awaitSettled(0);
    }

    /** The other connection's thread may be ahead in Ratis, and behind here. */
    @Test
    void it_waits_for_all_that_reached_the_log_before_it_whoever_came_first() throws Exception {
        CompletableFuture<AppendEntriesReplyProto> writing = new CompletableFuture<>();
        CompletableFuture<AppendEntriesReplyProto> again = appends.append(
                request(5),
                () -> {
                    assertThat(underWay(writing, 5)).isNotDone();
                    return said(5);
                },
                () -> 5);
        assertThat(again).isNotDone();
        writing.complete(reply(AppendResult.SUCCESS, 5));
        assertThat(again).isCompleted();
    }

    @Test
    void entries_whose_write_failed_are_never_acknowledged() throws Exception {
        CompletableFuture<AppendEntriesReplyProto> first =
                underWay(CompletableFuture.failedFuture(new IOException("no space left")), 4);
        assertThat(first).isCompletedExceptionally();
        CompletableFuture<AppendEntriesReplyProto> again = appends.append(request(5), () -> said(5), () -> 4);
        assertThatThrownBy(again::join)
                .hasCauseInstanceOf(RefusedException.class)
                .hasMessageContaining("entry 5 is not on its disk");
    }

    @Test
    void entries_that_this_member_wrote_when_it_led_are_acknowledged_once_they_are_flushed() throws Exception {
        assertThat(appends.append(request(5), () -> said(5), () -> 4)).isCompletedExceptionally();
        assertThat(appends.append(request(5), () -> said(5), () -> 5)).isCompleted();
    }

    @Test
    void heartbeats_and_refusals_are_not_held_up() throws Exception {
        CompletableFuture<AppendEntriesReplyProto> writing = new CompletableFuture<>();
        assertThat(underWay(writing, 5)).isNotDone();
        assertThat(appends.append(request(), () -> said(-1), () -> 0)).isCompleted();
        for (AppendResult refusal : new AppendResult[] {AppendResult.INCONSISTENCY, AppendResult.NOT_LEADER}) {
            CompletableFuture<AppendEntriesReplyProto> refused = CompletableFuture.completedFuture(reply(refusal, -1));
            assertThat(appends.append(request(6), () -> refused, () -> 0)).isCompleted();
        }
    }

    @Test
    void what_ratis_throws_leaves_nothing_to_wait_for() throws Exception {
        assertThatThrownBy(() -> appends.append(
                        request(5),
                        () -> {
                            throw new IOException("it is closing");
                        },
                        () -> 0))
                .isInstanceOf(IOException.class);
        appends.awaitSettled(0);
    }

    @Test
    void what_a_snapshot_has_replaced_is_not_waited_for() throws Exception {
        CompletableFuture<AppendEntriesReplyProto> dropped = new CompletableFuture<>();
        assertThat(underWay(dropped, 5)).isNotDone();
        appends.forget();
        appends.awaitSettled(0);
        assertThat(appends.append(request(9), () -> said(9), () -> 9)).isCompleted();
    }
}
