package dev.holdfast.statemachine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.Owner;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RecentOwnersTest {
    private final RecentOwners owners = new RecentOwners();

    // Built at run time, so that each has its own strings.
    private static Owner owner(String type, int id, boolean isWithin) {
        return new Owner(
                new String(type.toCharArray()), "id" + id, isWithin ? new Owner.Scope("organisation", "o" + id) : null);
    }

    @Test
    void equal_owners_share_one_object() {
        Owner first = owners.shared(owner("user", 1, true));
        assertThat(owners.shared(owner("user", 1, true))).isSameAs(first);
        assertThat(owners.shared(owner("user", 1, false))).isNotSameAs(first);
    }

    @Test
    void owners_of_the_same_type_share_its_name() {
        Owner first = owners.shared(owner("user", 1, false));
        assertThat(owners.shared(owner("user", 2, false)).type()).isSameAs(first.type());
    }

    @Test
    void a_shared_owner_is_equal_however_many_there_are() {
        Random random = new Random(1);
        for (int i = 0; i < 100_000; i++) {
            Owner owner = owner("type" + random.nextInt(300), random.nextInt(20_000), random.nextBoolean());
            assertThat(owners.shared(owner)).isEqualTo(owner);
        }
    }
}
