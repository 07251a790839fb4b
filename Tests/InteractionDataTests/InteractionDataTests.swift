// InteractionDataTests
