// RecommenderModels
