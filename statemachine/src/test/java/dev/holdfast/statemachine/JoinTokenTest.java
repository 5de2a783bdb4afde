package dev.holdfast.statemachine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Limits;
import dev.holdfast.protocol.ProtocolVersion;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class JoinTokenTest {
    private static final String HASH = "0123456789abcdef".repeat(4);
    private static final String ONE = "1111111111111111";
    private static final String TWO = "2222222222222222";
    private static final long HOUR_MS = 3600_000;

    private final Scenario scenario = new Scenario();

    private void activate() {
        scenario.system(new Command.Activate(ProtocolVersion.JOIN_TOKENS));
    }

    private void offer(String name, long forMs) {
        scenario.system(new Command.OfferJoin(HASH, name, scenario.nowMs() + forMs));
    }

    private void use(String name, String incarnation) {
        scenario.system(new Command.UseJoin(HASH, name, incarnation));
    }

    private JoinToken token() {
        return Objects.requireNonNull(scenario.machine().joinToken(HASH));
    }

    @Test
    void before_the_semantics_that_have_them_there_are_none_and_the_state_has_the_same_bytes() {
        String before = new Scenario().hash();
        offer("", HOUR_MS);
        use("d", ONE);
        scenario.system(new Command.EndJoin(HASH));

        assertThat(scenario.machine().joinTokens()).isEmpty();
        Scenario ticked = new Scenario();
        for (int i = 0; i < 3; i++) {
            ticked.system(new Command.Tick());
        }
        assertThat(scenario.hash()).isEqualTo(ticked.hash()).isNotEqualTo(before);
    }

    @Test
    void the_first_peer_that_uses_a_token_has_it_and_may_use_it_again() {
        activate();
        offer("", HOUR_MS);
        use("d", ONE);
        use("d", TWO);
        use("e", TWO);
        use("d", ONE);

        assertThat(token().isUsedBy("d", ONE)).isTrue();
        assertThat(token().ended()).isFalse();
    }

    @Test
    void a_copy_of_the_offer_does_not_make_a_used_token_good_again() throws CorruptSnapshotException {
        activate();
        offer("", HOUR_MS);
        use("d", ONE);
        scenario.system(new Command.EndJoin(HASH));
        scenario.restart();
        offer("", HOUR_MS);
        use("d", TWO);

        assertThat(token().isUsedBy("d", ONE)).isTrue();
        assertThat(token().ended()).isTrue();
        scenario.tickAfter(HOUR_MS);
        scenario.system(new Command.OfferJoin(HASH, "", scenario.nowMs()));
        assertThat(scenario.machine().joinTokens()).isEmpty();
    }

    @Test
    void a_token_for_a_name_is_good_for_no_other() {
        activate();
        offer("d", HOUR_MS);
        use("e", ONE);
        assertThat(token().isUsed()).isFalse();
        use("d", TWO);
        assertThat(token().isUsedBy("d", TWO)).isTrue();
    }

    @Test
    void a_token_that_has_expired_is_good_for_nobody() {
        activate();
        offer("", 100);
        scenario.pass(99);
        use("", ONE);
        assertThat(token().isUsed()).isFalse();
        scenario.pass(1);
        use("d", ONE);
        assertThat(scenario.machine().joinTokens()).isEmpty();
    }

    @Test
    void a_token_that_nobody_used_is_not_ended() {
        activate();
        offer("", HOUR_MS);
        scenario.system(new Command.EndJoin(HASH));
        use("d", ONE);
        assertThat(token().isUsedBy("d", ONE)).isTrue();
    }

    @Test
    void what_is_no_token_is_not_kept() {
        activate();
        long soon = scenario.nowMs() + 1;
        for (Command.OfferJoin wrong : new Command.OfferJoin[] {
            new Command.OfferJoin("", "", soon),
            new Command.OfferJoin(HASH.substring(1), "", soon),
            new Command.OfferJoin(HASH.replace('a', 'A'), "", soon),
            new Command.OfferJoin(HASH, "two names", soon),
            new Command.OfferJoin(HASH, "n".repeat(65), soon),
            new Command.OfferJoin(HASH, "", scenario.nowMs()),
            new Command.OfferJoin(HASH, "", Long.MIN_VALUE),
            new Command.OfferJoin(HASH, "", Long.MAX_VALUE),
            new Command.OfferJoin(HASH, "", scenario.nowMs() + Limits.JOIN_TOKEN_MS_MAX + 1)
        }) {
            scenario.system(wrong);
            assertThat(scenario.machine().joinTokens()).as("%s", wrong).isEmpty();
        }
        offer("", Limits.JOIN_TOKEN_MS_MAX);
        for (String name : new String[] {"", "two names", "n".repeat(65)}) {
            use(name, ONE);
        }
        for (String incarnation : new String[] {"", "1", ONE + "1", "ABCDEFABCDEFABCD"}) {
            use("d", incarnation);
        }
        assertThat(token().isUsed()).isFalse();
    }

    @Test
    void there_are_only_so_many_until_some_expire() {
        activate();
        for (int i = 0; i <= Limits.JOIN_TOKENS_MAX; i++) {
            String hash = String.format("%064x", i);
            scenario.system(new Command.OfferJoin(hash, "", scenario.nowMs() + (i == 0 ? 100 : HOUR_MS)));
        }
        assertThat(scenario.machine().joinTokens()).hasSize(Limits.JOIN_TOKENS_MAX);
        assertThat(scenario.machine().joinToken(String.format("%064x", Limits.JOIN_TOKENS_MAX)))
                .isNull();
        scenario.pass(100);
        offer("", HOUR_MS);
        assertThat(token().isUsed()).isFalse();
    }

    @Test
    void another_cluster_that_begins_with_the_state_takes_none_of_the_tokens() throws CorruptSnapshotException {
        activate();
        offer("", HOUR_MS);
        Succession.apply(scenario.machine(), Succession.Keep.UNTIL_RELEASED, Succession.TOKENS_AHEAD, 7);

        assertThat(scenario.machine().joinTokens()).isEmpty();
        scenario.restart();
    }
}
