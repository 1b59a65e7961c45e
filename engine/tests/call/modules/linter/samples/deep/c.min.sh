x   
