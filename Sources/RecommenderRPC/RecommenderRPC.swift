// RecommenderRPC
