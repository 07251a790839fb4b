// RecommenderRPCTests
