package dev.holdfast.statemachine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.AuditRecord;
import dev.holdfast.protocol.Caller;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Limits;
import dev.holdfast.protocol.ProtocolVersion;
import dev.holdfast.protocol.Query;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class JoinTokenTest {
    private static final String HASH = "0123456789abcdef".repeat(4);
    private static final String ONE = "1111111111111111";
    private static final String TWO = "2222222222222222";
    private static final Caller ANN = new Caller("ann", "10.0.0.7", 5);
    private static final Caller BOB = new Caller("bob", "10.0.0.8", 6);
    private static final long HOUR_MS = 3600_000;

    private final Scenario scenario = new Scenario();

    private void activate() {
        scenario.system(new Command.Activate(ProtocolVersion.JOIN_TOKENS));
    }

    private void offer(String name, long forMs) {
        scenario.system(new Command.OfferJoin(HASH, name, scenario.nowMs() + forMs, ANN));
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
        scenario.system(new Command.OfferJoin(HASH, "", scenario.nowMs(), ANN));
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

    private void withdraw() {
        scenario.system(new Command.WithdrawJoin(HASH, BOB));
    }

    private List<AuditRecord> audit() {
        return ((Answer.AuditPage) scenario.machine().answer(new Query.Audit(0, 100))).records();
    }

    @Test
    void a_token_that_was_withdrawn_is_good_for_nobody_nor_is_a_copy_of_its_offer() throws CorruptSnapshotException {
        activate();
        offer("", HOUR_MS);
        withdraw();
        use("d", ONE);
        scenario.restart();
        offer("", HOUR_MS);
        use("d", ONE);

        assertThat(token().isUsed()).isFalse();
        assertThat(token().withdrawn()).isTrue();
        assertThat(token().maker()).isEqualTo(ANN);
        scenario.tickAfter(HOUR_MS);
        withdraw();
        assertThat(scenario.machine().joinTokens()).isEmpty();
    }

    @Test
    void a_token_that_is_withdrawn_after_it_was_used_stays_bound_and_may_still_come_to_its_end() {
        activate();
        offer("", HOUR_MS);
        use("d", ONE);
        withdraw();
        assertThat(token().isUsedBy("d", ONE)).isTrue();
        assertThat(token().withdrawn()).isTrue();

        scenario.system(new Command.EndJoin(HASH));

        assertThat(token().ended()).isTrue();
        assertThat(token().withdrawn()).isTrue();
    }

    @Test
    void a_token_that_let_its_peer_in_is_not_withdrawn() {
        activate();
        offer("", HOUR_MS);
        use("d", ONE);
        scenario.system(new Command.EndJoin(HASH));
        withdraw();
        assertThat(token().withdrawn()).isFalse();
        assertThat(audit()).hasSize(1);
    }

    @Test
    void who_made_and_who_withdrew_a_token_is_recorded_once_each_and_without_the_hash() {
        activate();
        offer("d", HOUR_MS);
        offer("d", HOUR_MS);
        withdraw();
        withdraw();

        String id = HASH.substring(0, 12);
        assertThat(token().id()).isEqualTo(id);
        assertThat(audit())
                .containsExactly(
                        new AuditRecord(
                                1, 5, "ann", "10.0.0.7", "members-token", "d", "token " + id + ", good for 3600 s"),
                        new AuditRecord(
                                2, 6, "bob", "10.0.0.8", "members-withdraw", "d", "token " + id + ", used by nobody"));
    }

    @Test
    void what_becomes_of_members_is_recorded_under_semantics_that_know_it_and_if_it_is_well_formed() {
        Command.RecordAudit record = new Command.RecordAudit(ANN, "members-remove", "d", "begins");
        scenario.system(record);
        assertThat(audit()).isEmpty();
        activate();
        scenario.system(record);
        AuditRecord first = new AuditRecord(1, 5, "ann", "10.0.0.7", "members-remove", "d", "begins");
        assertThat(audit()).containsExactly(first);

        String longest = "x".repeat(Limits.AUDIT_DETAIL_BYTES_MAX);
        for (Command.RecordAudit wrong : new Command.RecordAudit[] {
            new Command.RecordAudit(Caller.NOBODY, "members-remove", "d", "begins"),
            new Command.RecordAudit(new Caller("a\nb", "", 1), "members-remove", "d", "begins"),
            new Command.RecordAudit(ANN, "", "d", "begins"),
            new Command.RecordAudit(ANN, "members-remove", "", "begins"),
            new Command.RecordAudit(ANN, "members-remove", "d", ""),
            new Command.RecordAudit(ANN, "members-remove", "d", "two\nlines"),
            new Command.RecordAudit(ANN, "members-remove", "d".repeat(Limits.NAME_BYTES_MAX + 1), "begins"),
            new Command.RecordAudit(ANN, "members-remove", "d", longest + "x")
        }) {
            scenario.system(wrong);
            assertThat(audit()).as("%s", wrong).containsExactly(first);
        }
        scenario.system(new Command.RecordAudit(ANN, "members-remove", "d", longest));
        assertThat(audit()).hasSize(2);
    }

    @Test
    void nothing_is_made_or_withdrawn_for_somebody_with_an_impossible_name() {
        activate();
        Caller wrong = new Caller("n".repeat(Limits.NAME_BYTES_MAX + 1), "", 5);
        scenario.system(new Command.OfferJoin(HASH, "", scenario.nowMs() + HOUR_MS, wrong));
        assertThat(scenario.machine().joinTokens()).isEmpty();
        offer("", HOUR_MS);
        scenario.system(new Command.WithdrawJoin(HASH, wrong));
        assertThat(token().withdrawn()).isFalse();
    }

    @Test
    void what_is_no_token_is_not_kept() {
        activate();
        long soon = scenario.nowMs() + 1;
        for (Command.OfferJoin wrong : new Command.OfferJoin[] {
            new Command.OfferJoin("", "", soon, ANN),
            new Command.OfferJoin(HASH.substring(1), "", soon, ANN),
            new Command.OfferJoin(HASH.replace('a', 'A'), "", soon, ANN),
            new Command.OfferJoin(HASH, "two names", soon, ANN),
            new Command.OfferJoin(HASH, "n".repeat(65), soon, ANN),
            new Command.OfferJoin(HASH, "", scenario.nowMs(), ANN),
            new Command.OfferJoin(HASH, "", Long.MIN_VALUE, ANN),
            new Command.OfferJoin(HASH, "", Long.MAX_VALUE, ANN),
            new Command.OfferJoin(HASH, "", scenario.nowMs() + Limits.JOIN_TOKEN_MS_MAX + 1, ANN)
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
            scenario.system(new Command.OfferJoin(hash, "", scenario.nowMs() + (i == 0 ? 100 : HOUR_MS), ANN));
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
