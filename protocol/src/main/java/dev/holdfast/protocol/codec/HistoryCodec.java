package dev.holdfast.protocol.codec;

import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.Answer.ChangeView;
import dev.holdfast.protocol.ChangeKind;
import dev.holdfast.protocol.v1.ChangeKindProto;
import dev.holdfast.protocol.v1.ChangeViewProto;
import dev.holdfast.protocol.v1.HistoryPageProto;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Encodes and decodes the history of a lockable. */
final class HistoryCodec {

    static HistoryPageProto encode(Answer.HistoryPage page) {
        HistoryPageProto.Builder builder =
                HistoryPageProto.newBuilder().setMore(page.more()).setKnownForMs(page.knownForMs());
        page.changes().forEach(change -> builder.addChanges(encode(change)));
        return builder.build();
    }

    static Answer.HistoryPage decode(HistoryPageProto page) throws MalformedMessageException {
        List<ChangeView> changes = new ArrayList<>(page.getChangesCount());
        for (ChangeViewProto change : page.getChangesList()) {
            ChangeKind kind = decode(change.getKind());
            // A newer leader may know of more, and this is for people to read.
            if (kind != null) {
                changes.add(decode(kind, change));
            }
        }
        return new Answer.HistoryPage(changes, page.getMore(), page.getKnownForMs());
    }

    private static ChangeViewProto encode(ChangeView change) {
        ChangeViewProto.Builder builder = ChangeViewProto.newBuilder()
                .setNumber(change.number())
                .setKind(encode(change.kind()))
                .setOwner(TermCodec.encode(change.owner()))
                .setToken(change.token())
                .setCount(change.count())
                .setAgoMs(change.agoMs());
        if (change.lastedMs() != ChangeView.NOTHING_ENDED) {
            builder.setLastedMs(change.lastedMs());
        }
        Answer.SessionView session = change.session();
        if (session != null) {
            builder.setSession(QueryCodec.encode(session));
        }
        return builder.build();
    }

    private static ChangeView decode(ChangeKind kind, ChangeViewProto change) throws MalformedMessageException {
        return new ChangeView(
                change.getNumber(),
                kind,
                TermCodec.decode(change.getOwner()),
                change.getToken(),
                change.getCount(),
                change.hasLastedMs() ? change.getLastedMs() : ChangeView.NOTHING_ENDED,
                change.getAgoMs(),
                change.hasSession() ? QueryCodec.decode(change.getSession()) : null);
    }

    private static ChangeKindProto encode(ChangeKind kind) {
        return switch (kind) {
            case GRANTED -> ChangeKindProto.CHANGE_KIND_GRANTED;
            case GRANTED_AGAIN -> ChangeKindProto.CHANGE_KIND_GRANTED_AGAIN;
            case QUEUED -> ChangeKindProto.CHANGE_KIND_QUEUED;
            case WAIT_TIMED_OUT -> ChangeKindProto.CHANGE_KIND_WAIT_TIMED_OUT;
            case WAIT_CANCELLED -> ChangeKindProto.CHANGE_KIND_WAIT_CANCELLED;
            case WAIT_ENDED_WITH_SESSION -> ChangeKindProto.CHANGE_KIND_WAIT_ENDED_WITH_SESSION;
            case RELEASED -> ChangeKindProto.CHANGE_KIND_RELEASED;
            case EXPIRED -> ChangeKindProto.CHANGE_KIND_EXPIRED;
            case FORCE_RELEASED -> ChangeKindProto.CHANGE_KIND_FORCE_RELEASED;
            case ENDED_WITH_SESSION -> ChangeKindProto.CHANGE_KIND_ENDED_WITH_SESSION;
        };
    }

    private static @Nullable ChangeKind decode(ChangeKindProto kind) {
        return switch (kind) {
            case CHANGE_KIND_GRANTED -> ChangeKind.GRANTED;
            case CHANGE_KIND_GRANTED_AGAIN -> ChangeKind.GRANTED_AGAIN;
            case CHANGE_KIND_QUEUED -> ChangeKind.QUEUED;
            case CHANGE_KIND_WAIT_TIMED_OUT -> ChangeKind.WAIT_TIMED_OUT;
            case CHANGE_KIND_WAIT_CANCELLED -> ChangeKind.WAIT_CANCELLED;
            case CHANGE_KIND_WAIT_ENDED_WITH_SESSION -> ChangeKind.WAIT_ENDED_WITH_SESSION;
            case CHANGE_KIND_RELEASED -> ChangeKind.RELEASED;
            case CHANGE_KIND_EXPIRED -> ChangeKind.EXPIRED;
            case CHANGE_KIND_FORCE_RELEASED -> ChangeKind.FORCE_RELEASED;
            case CHANGE_KIND_ENDED_WITH_SESSION -> ChangeKind.ENDED_WITH_SESSION;
            case CHANGE_KIND_UNSPECIFIED, UNRECOGNIZED -> null;
        };
    }

    private HistoryCodec() {}
}
