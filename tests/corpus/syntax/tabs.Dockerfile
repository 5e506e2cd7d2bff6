FROM	scratch	AS	a
	COPY	go.mod	/x/
