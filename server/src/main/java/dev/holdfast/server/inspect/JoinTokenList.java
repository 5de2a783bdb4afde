package dev.holdfast.server.inspect;

import dev.holdfast.client.remote.JoinTokenInfo;
import dev.holdfast.server.shell.Durations;
import dev.holdfast.server.shell.Json;
import dev.holdfast.server.shell.Table;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How join tokens are listed. */
final class JoinTokenList {

    /** What is known of a join token, as printed with {@code --json}. {@code madeAt} is {@code null} if it is not known. */
    private record TokenInfoView(
            String id,
            String name,
            String state,
            String madeBy,
            String madeFrom,
            @Nullable Instant madeAt,
            long validSeconds,
            String userName,
            String userIncarnation) {
        static TokenInfoView of(JoinTokenInfo token) {
            return new TokenInfoView(
                    token.id(),
                    token.name(),
                    word(token.state()),
                    token.madeBy(),
                    token.madeFrom(),
                    token.madeAtOrNull(),
                    token.validFor().toSeconds(),
                    token.userName(),
                    token.userIncarnation());
        }
    }

    /** All of them, as printed with {@code --json}. */
    private record TokensView(List<TokenInfoView> tokens) {}

    /** Those first that may still let somebody in, each kind in the order in which they were made. */
    static List<JoinTokenInfo> sorted(List<JoinTokenInfo> tokens) {
        return tokens.stream()
                .sorted(Comparator.comparing((JoinTokenInfo token) -> !token.isOutstanding())
                        .thenComparing(token -> token.madeAt().orElse(Instant.EPOCH))
                        .thenComparing(JoinTokenInfo::id))
                .toList();
    }

    static String json(List<JoinTokenInfo> tokens) {
        return Json.write(new TokensView(tokens.stream().map(TokenInfoView::of).toList()));
    }

    static Table table(List<JoinTokenInfo> tokens) {
        Table table = new Table("TOKEN", "FOR", "STATE", "MADE", "BY", "FROM", "GOOD FOR", "USED BY");
        tokens.forEach(token -> table.row(cells(token)));
        return table;
    }

    private static String[] cells(JoinTokenInfo token) {
        return new String[] {
            token.id(),
            token.name().isEmpty() ? "any" : token.name(),
            word(token.state()),
            token.madeAt()
                    .map(at -> at.truncatedTo(ChronoUnit.SECONDS).toString())
                    .orElse("-"),
            orDash(token.madeBy()),
            orDash(token.madeFrom()),
            token.isOutstanding() ? Durations.format(token.validFor()) : "-",
            token.userName().isEmpty() ? "-" : token.userName() + "@" + token.userIncarnation()
        };
    }

    private static String word(JoinTokenInfo.State state) {
        return state.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static String orDash(String text) {
        return text.isEmpty() ? "-" : text;
    }

    private JoinTokenList() {}
}
